#!/bin/sh
# udhcpc's script (busybox, networking/udhcp/dhcpc.c): do what the lease says, as a phone would,
# and keep its words in $LAB_LEASE. Runs in the phone's namespace, whose resolv.conf is a bind
# mount: written in place.
# shellcheck disable=SC2154  # udhcpc's variables
case "$1" in
deconfig)
    ip -4 addr flush dev "$interface"
    ip link set "$interface" up
    ;;
bound | renew)
    ip addr replace "$ip/$mask" dev "$interface"
    for hop in $router; do ip route replace default via "$hop" dev "$interface"; done
    for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf
    env | grep -E '^(ip|mask|router|dns|lease|serverid|opt[0-9]+|domain)=' >"$LAB_LEASE"
    ;;
esac
