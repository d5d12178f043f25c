#!/bin/busybox sh
# shellcheck shell=dash
# First program in the guest: from the initrd to the host's own root file system, which is
# mounted read-only over 9p and covered by a tmpfs, so that a story can write anywhere and
# leaves nothing behind. The host's /tmp stays visible: the checkout may lie there.
b=/bin/busybox
$b mkdir -p /proc /dev /ro /rw /root
$b mount -t devtmpfs dev /dev
$b mount -t proc proc /proc
while read -r module; do
    $b insmod "/modules/$module" || echo "lab: insmod $module failed"
done </modules/order
if $b grep -q lab.probe /proc/cmdline; then
    echo "lab: the accelerator works"
    $b poweroff -f
fi
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,ro,cache=loose host /ro
if $b grep -q lab.upper /proc/cmdline; then
    # What is written stays on a disk: the next guest with it is this one, booted again.
    $b mount -t ext4 /dev/vda /rw
else
    $b mount -t tmpfs -o size=80% tmpfs /rw
fi
$b mkdir -p /rw/upper /rw/work
$b mount -t overlay -o lowerdir=/ro,upperdir=/rw/upper,workdir=/rw/work overlay /root
for fresh in /run /dev /proc /sys; do $b mkdir -p /root$fresh; done
$b mount -t tmpfs -o mode=755 run /root/run
$b mkdir -p /root/run/host /root/run/lab/share
$b mount --move /ro /root/run/host
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none share /root/run/lab/share
$b mount --move /proc /root/proc
$b mount --move /dev /root/dev
$b mount -t sysfs sys /root/sys
# shellcheck disable=SC2093  # what follows is for when it cannot
exec $b switch_root /root /bin/sh /run/lab/share/start.sh
echo "lab: the guest's root could not be entered"
$b poweroff -f
