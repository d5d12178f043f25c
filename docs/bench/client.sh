#!/bin/sh
# The bench's own protocol for a board with a shell and curl or (busybox) wget:
#
#   INSTALL=/usr/sbin/install-image sh client.sh http://100.64.64.1 SERIAL PRODUCT
#
# INSTALL is called with the image and its version. It writes the version to VERSION_FILE when the
# new firmware runs; where that takes a restart, this script is started again after it.
set -eu
bench=$1 serial=$2 product=$3
image=${IMAGE:-/tmp/firmware.bin} config=${CONFIG:-/tmp/config} attempt=0
version_file=${VERSION_FILE:-/etc/firmware-version}

if command -v curl >/dev/null 2>&1; then
    ask() { curl -sS -m 30 "$1"; }
    fetch() { curl -fsS -C - -o "$2" "$1"; }
    tell() { curl -fsS -o /dev/null -H 'Content-Type: application/json' -d "$2" "$1"; }
else
    ask() { wget -q -O - "$1"; }
    fetch() { wget -q -c -O "$2" "$1"; }
    tell() { wget -q -O /dev/null --header 'Content-Type: application/json' --post-data "$2" "$1"; }
fi
value() { printf '%s' "$told" | sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }
report() { # STEP OK WORDS
    tell "$bench/bench/v1/report" \
        "{\"serial\":\"$serial\",\"attempt\":$attempt,\"step\":\"$1\",\"ok\":$2,\"log\":\"$3\"}" || :
}

while :; do
    version=$(cat "$version_file" 2>/dev/null || echo 0)
    up=$(cut -d. -f1 /proc/uptime 2>/dev/null) || up=
    told=$(ask "$bench/bench/v1/me?serial=$serial&hw=$product&fw=$version&up=$up") || told=
    case $(value "do") in
    flash)
        attempt=$(value attempt)
        # What is there already is kept: it goes on where it broke off, until the digest is right.
        fetch "$(value url)" "$image" || { sleep 2; continue; }
        sum=$(sha256sum "$image")
        [ "${sum%% *}" = "$(value sha256)" ] || { rm -f "$image"; continue; }
        if "${INSTALL:?}" "$image" "$(value version)"; then report rebooting true installed
        else report installing false "the image could not be installed"; fi
        rm -f "$image" ;;
    configure)
        rm -f "$config"; fetch "$(value url)" "$config" && report configured true "it has its document" ;;
    rest) exit 0 ;;
    *)  # To be claimed by this code, to wait for its turn, or nobody there.
        [ -z "$(value code)" ] || echo "claim code $(value code)"
        sleep "${PAUSE:-$(value sleep)}" 2>/dev/null || sleep 5 ;;
    esac
done
