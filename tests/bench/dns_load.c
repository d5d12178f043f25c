/* A DNS load: keeps WINDOW queries outstanding on one connected UDP socket for SECONDS.
 *
 *   dns_load HOST PORT SECONDS WINDOW EDNS
 *
 * Asks A, AAAA and HTTPS in turn over 100,000 names, with an OPT record where EDNS is 1.
 * A window of 1 is a serial client, which sleeps until its answer comes. A larger one never
 * sleeps: waking a sleeper is work for whoever sends to it, and would count as the server's.
 * Prints one line: answers, lost, wrong (not a reply, or not NOERROR), seconds, and the
 * median and 99th percentile of the time to an answer in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { NAMES = 100000, TYPES = 3, QUERIES = NAMES * TYPES, SLOT = 64, BATCH = 64, IDS = 65536 };
enum { BUCKETS = 1000000, QUIET = 200000000 };

static unsigned char queries[QUERIES][SLOT];
static unsigned char sizes[QUERIES];
static unsigned char answers[BATCH][1500];
static struct mmsghdr in[BATCH], out[BATCH];
static struct iovec in_at[BATCH], out_at[BATCH];
static uint64_t sent_at[IDS];
static uint32_t histogram[BUCKETS]; /* of times to an answer, by the microsecond */
static uint64_t total, lost, wrong;

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void write_queries(int edns)
{
    static const unsigned char type[TYPES] = {1, 28, 65};
    for (int i = 0; i < QUERIES; i++) {
        unsigned char *p = queries[i];
        memcpy(p + 2, "\1\0\0\1\0\0\0\0\0", 9);
        p[11] = (unsigned char)edns;
        p += 12;
        p += sprintf((char *)p, "\3www\10n%07d\3com", i / TYPES) + 1;
        memcpy(p, "\0\0\0\1", 4);
        p[1] = type[i % TYPES];
        p += 4;
        if (edns) {
            memcpy(p, "\0\0\51\4\320\0\0\0\0\0\0", 11);
            p += 11;
        }
        sizes[i] = (unsigned char)(p - queries[i]);
    }
}

static void ask(int fd, int count)
{
    static uint32_t next;
    static uint16_t id;
    uint64_t at = now();
    for (int i = 0; i < count; i++) {
        unsigned char *query = queries[next];
        query[0] = (unsigned char)(id >> 8);
        query[1] = (unsigned char)id;
        sent_at[id++] = at;
        out_at[i].iov_base = query;
        out_at[i].iov_len = sizes[next];
        next = (next + 1) % QUERIES;
    }
    for (int done = 0, sent; done < count; done += sent) {
        sent = sendmmsg(fd, out + done, (unsigned)(count - done), 0);
        if (sent < 0) {
            perror("dns_load: sendmmsg");
            exit(1);
        }
    }
}

static void take(int count, uint64_t at)
{
    for (int i = 0; i < count; i++) {
        uint64_t us = (at - sent_at[answers[i][0] << 8 | answers[i][1]]) / 1000;
        histogram[us < BUCKETS ? us : BUCKETS - 1]++;
        wrong += !(answers[i][2] & 0x80) || answers[i][3] & 15;
    }
    total += (uint64_t)count;
}

static unsigned percentile(double share)
{
    uint64_t seen = 0;
    for (unsigned us = 0; us < BUCKETS; us++)
        if ((seen += histogram[us]) >= (uint64_t)(share * (double)total))
            return us;
    return BUCKETS;
}

static double run(int fd, double seconds, int window)
{
    uint64_t start = now(), at = start, last = start;
    int outstanding = 0;
    while ((double)(at - start) < seconds * 1e9) {
        while (outstanding < window) {
            int count = window - outstanding < BATCH ? window - outstanding : BATCH;
            ask(fd, count);
            outstanding += count;
        }
        struct pollfd readable = {fd, POLLIN, 0};
        if (window == 1)
            poll(&readable, 1, 200);
        int count = recvmmsg(fd, in, BATCH, MSG_DONTWAIT, NULL);
        at = now();
        if (count > 0) {
            take(count, at);
            outstanding = outstanding > count ? outstanding - count : 0;
            last = at;
        } else if (at - last > QUIET) {
            lost += (uint64_t)outstanding;
            outstanding = 0;
            last = at;
        }
    }
    return (double)(at - start) / 1e9;
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: dns_load HOST PORT SECONDS WINDOW EDNS\n");
        return 2;
    }
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
    inet_pton(AF_INET, argv[1], &to.sin_addr);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    int room = 4 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    if (connect(fd, (struct sockaddr *)&to, sizeof to)) {
        perror("dns_load: connect");
        return 1;
    }
    write_queries(atoi(argv[5]));
    for (int i = 0; i < BATCH; i++) {
        in_at[i] = (struct iovec){answers[i], sizeof answers[i]};
        in[i].msg_hdr.msg_iov = &in_at[i];
        out[i].msg_hdr.msg_iov = &out_at[i];
        in[i].msg_hdr.msg_iovlen = out[i].msg_hdr.msg_iovlen = 1;
    }
    double seconds = run(fd, atof(argv[3]), atoi(argv[4]));
    printf("%llu %llu %llu %.6f %u %u\n", (unsigned long long)total, (unsigned long long)lost,
           (unsigned long long)wrong, seconds, percentile(0.5), percentile(0.99));
    return 0;
}
