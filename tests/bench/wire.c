/* A long wire: two tun interfaces, and every packet from one leaves the other DELAY ms later.
 *
 *   wire NAME NAME DELAY
 *
 * Stands for tc-netem(8), which not every kernel has. Makes the interfaces where it is started;
 * whoever started it moves them into their namespaces. Ends when its standard input ends.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { PACKETS = 65536, MTU = 1500 };

struct packet {
    uint64_t due;
    ssize_t length;
    char data[MTU + 4];
};

struct way {
    int from, to;
    struct packet *packets;
    size_t first, count;
};

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int tun(const char *name)
{
    struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
    int descriptor = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (descriptor < 0 || ioctl(descriptor, TUNSETIFF, &request) < 0) {
        perror(name);
        exit(1);
    }
    return descriptor;
}

static void take(struct way *way, uint64_t delay)
{
    while (way->count < PACKETS) {
        struct packet *packet = &way->packets[(way->first + way->count) % PACKETS];
        packet->length = read(way->from, packet->data, sizeof packet->data);
        if (packet->length <= 0)
            return;
        packet->due = now() + delay;
        way->count++;
    }
}

static void give(struct way *way)
{
    while (way->count && way->packets[way->first].due <= now()) {
        struct packet *packet = &way->packets[way->first];
        if (write(way->to, packet->data, (size_t)packet->length) < 0) {
            /* The other end is not up yet, or full: a wire loses packets too. */
        }
        way->first = (way->first + 1) % PACKETS;
        way->count--;
    }
}

int main(int argc, char **argv)
{
    struct way ways[2];
    int ends[2];

    if (argc != 4) {
        fprintf(stderr, "usage: wire NAME NAME DELAY\n");
        return 2;
    }
    uint64_t delay = (uint64_t)(atof(argv[3]) * 1e6);
    for (int i = 0; i < 2; i++)
        ends[i] = tun(argv[1 + i]);
    for (int i = 0; i < 2; i++)
        ways[i] = (struct way){ .from = ends[i], .to = ends[1 - i],
                                .packets = calloc(PACKETS, sizeof(struct packet)) };
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct pollfd watched[3] = { { ends[0], POLLIN, 0 }, { ends[1], POLLIN, 0 }, { 0, POLLIN, 0 } };
        uint64_t wait = 1000000000u;
        for (int i = 0; i < 2; i++) {
            if (ways[i].count) {
                uint64_t due = ways[i].packets[ways[i].first].due, moment = now();
                uint64_t left = due > moment ? due - moment : 0;
                wait = left < wait ? left : wait;
            }
        }
        struct timespec timeout = { (time_t)(wait / 1000000000u), (long)(wait % 1000000000u) };
        ppoll(watched, 3, &timeout, NULL);
        if (watched[2].revents)
            return 0;
        for (int i = 0; i < 2; i++) {
            take(&ways[i], delay);
            give(&ways[i]);
        }
    }
}
