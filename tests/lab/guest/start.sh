# shellcheck shell=dash
# PID 1 of the guest once its root is in place: radios, then the job, then power off.
# `job` sets LAB_CHECKOUT LAB_KERNEL LAB_BUSYBOX LAB_FIRMWARE LAB_CLIENTS LAB_RADIOS
# LAB_DEADLINE and defines lab_see and lab_job, all quoted by the host (tests/lab/guestrun.py).
share=/run/lab/share
. "$share/job"
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb
export LANG=C.UTF-8 PAGER=cat LAB_BUSYBOX LAB_CLIENTS
mkdir -p /dev/pts /dev/shm
mount -t devpts -o ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
# What lies below a folder that is fresh in the guest is fetched from the host's view of it.
see() {
    [ -e "$1" ] || { mkdir -p "$1" && mount --bind "/run/host$1" "$1"; }
}
lab_see
mkdir -p /lib/modules
ln -sfn "$LAB_KERNEL" "/lib/modules/$(uname -r)"
echo -n "$LAB_FIRMWARE" >/sys/module/firmware_class/parameters/path
ip link set lo up
hostname vestibule-lab
(sleep "$LAB_DEADLINE" && echo "lab: deadline" && echo o >/proc/sysrq-trigger) >/dev/console 2>&1 &
# One radio holds one channel, as on a Raspberry Pi.
[ "$LAB_RADIOS" = 0 ] || modprobe mac80211_hwsim "radios=$LAB_RADIOS" channels=1
# A link that was never up has no queue, and gets one for good when it is: on any real machine
# it has been up before.
for link in /sys/class/net/wlan[0-9]*; do
    ip link set "${link##*/}" up && ip link set "${link##*/}" down
done
# The settings of conntrack come with its module and stay with it: there from the start, they are
# compared too. The others one by one, as nft asks for them, would cost each first table 2 s.
modprobe -a nf_conntrack nft_ct nft_limit nft_connlimit nft_reject_inet
stty -F /dev/ttyS1 raw -echo
cd "$LAB_CHECKOUT" || exit
if [ -z "$LAB_SYSTEMD" ]; then
    lab_job </dev/ttyS1 >/dev/ttyS1 2>&1
    echo "$?" >"$share/status"
    dmesg >"$share/dmesg.log"
    sync
    "$LAB_BUSYBOX" poweroff -f
fi
# The same job as a unit of systemd, with nothing of this machine's own started beside it.
{
    echo ". $share/job"
    echo "cd '$LAB_CHECKOUT' && lab_job </dev/ttyS1 >/dev/ttyS1 2>&1"
    echo "echo \"\$?\" >'$share/status'"
    echo "dmesg >'$share/dmesg.log'; journalctl --no-pager -o short-monotonic >'$share/journal.log'"
    echo "sync; '$LAB_BUSYBOX' poweroff -f"
} >/run/lab/unit.sh
mkdir -p /run/systemd/system /run/systemd/journald.conf.d
# It would look through all that lies in this machine's temporary folders, for minutes.
ln -s /dev/null /run/systemd/system/systemd-tmpfiles-setup.service
# A story that wants a bus has one of its own there.
boots=
for foreign in dbus.socket dbus.service; do
    [ -n "$LAB_UPPER" ] || ln -s /dev/null "/run/systemd/system/$foreign"
done
if [ -n "$LAB_UPPER" ]; then
    # As any machine does when it boots; but what this one starts then is none of the guest's
    # business, while ours may have been enabled there.
    boots=multi-user.target
    find /etc/systemd/system/*.wants -type l ! -name 'vestibule*' -delete
    for foreign in getty.target systemd-logind.service systemd-user-sessions.service; do
        ln -s /dev/null "/run/systemd/system/$foreign"
    done
fi
cat >/run/systemd/system/lab.target <<TARGET
[Unit]
DefaultDependencies=no
Requires=systemd-journald.service lab.service
Wants=$boots
TARGET
cat >/run/systemd/system/lab.service <<SERVICE
[Unit]
DefaultDependencies=no
Wants=basic.target
After=systemd-journald.service basic.target
[Service]
Type=exec
ExecStart=/bin/sh /run/lab/unit.sh
Environment=PATH=$PATH HOME=/root TERM=dumb LANG=C.UTF-8 PAGER=cat
Environment=LAB_BUSYBOX=$LAB_BUSYBOX LAB_CLIENTS=$LAB_CLIENTS
SERVICE
exec /lib/systemd/systemd --unit=lab.target --show-status=no
