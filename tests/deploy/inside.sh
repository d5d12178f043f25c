#!/bin/sh
# A program inside a copy of this machine that only it sees: what it writes goes to a folder.
#
#   unshare --mount inside.sh FOLDER PROGRAM [WORD …]
#
# FOLDER/sys is its /sys where there is one. FOLDER/written has everything that was written, FOLDER/run is its /run. LOWER is where it begins,
# this machine by default.
set -eu
folder=$1
shift
mkdir -p "$folder/written" "$folder/work" "$folder/whole" "$folder/run"
mount -t overlay overlay \
    -o "lowerdir=${LOWER:-/},upperdir=$folder/written,workdir=$folder/work" "$folder/whole"
mount --rbind /dev "$folder/whole/dev"
mount -t proc proc "$folder/whole/proc"
if [ -d "$folder/sys" ]; then
    mount --bind "$folder/sys" "$folder/whole/sys"
else
    mount -t sysfs -o ro sysfs "$folder/whole/sys"
fi
mount --bind "$folder/run" "$folder/whole/run"
cd /
exec chroot "$folder/whole" "$@"
