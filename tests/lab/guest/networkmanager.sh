#!/bin/sh
# NetworkManager in the namespace and the mounts that `ip netns exec` has made for it. --debug
# keeps it in the foreground and lets it speak to stderr. A /sys that cannot be written is its
# sign that no udev will ever announce the devices.
mount -o remount,ro /sys && exec /usr/sbin/NetworkManager --debug "$@"
