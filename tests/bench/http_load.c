/* A crowd of phones: CLIENTS connections at once, each new for one request, for SECONDS.
 *
 *   http_load ADDRESS PORT CLIENTS SECONDS < request
 *
 * Each client connects, sends the request, reads to the end of the stream, closes, and comes
 * again. Prints one line: answers, errors, bytes of the shortest and longest answer, and the
 * 50th and 99th percentile of the time from connect() to the end of the stream, in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST = 65536, SAMPLES = 4000000 };

struct client {
    int descriptor;
    int sent;
    uint64_t began;
    size_t received;
};

static struct sockaddr_in server;
static char request[REQUEST];
static ssize_t request_length;
static int poller;
static uint32_t *samples;
static size_t answers, errors, shortest = SIZE_MAX, longest;

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void come(struct client *client)
{
    struct epoll_event event = { .events = EPOLLOUT, .data.ptr = client };
    int one = 1;

    client->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (client->descriptor < 0) {
        perror("socket");
        exit(1);
    }
    setsockopt(client->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    client->sent = 0;
    client->received = 0;
    client->began = now();
    if (connect(client->descriptor, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) {
        perror("connect");
        exit(1);
    }
    epoll_ctl(poller, EPOLL_CTL_ADD, client->descriptor, &event);
}

static void leave(struct client *client, int answered)
{
    if (answered && client->received) {
        if (answers < SAMPLES)
            samples[answers] = (uint32_t)((now() - client->began) / 1000);
        answers++;
        if (client->received < shortest)
            shortest = client->received;
        if (client->received > longest)
            longest = client->received;
    } else {
        errors++;
    }
    close(client->descriptor);
    come(client);
}

static void stirred(struct client *client, uint32_t events)
{
    char buffer[65536];

    if (!client->sent) {
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
        if (events & (EPOLLERR | EPOLLHUP) ||
            send(client->descriptor, request, (size_t)request_length, MSG_NOSIGNAL) != request_length) {
            leave(client, 0);
            return;
        }
        client->sent = 1;
        epoll_ctl(poller, EPOLL_CTL_MOD, client->descriptor, &event);
        return;
    }
    for (;;) {
        ssize_t got = recv(client->descriptor, buffer, sizeof buffer, 0);
        if (got > 0) {
            client->received += (size_t)got;
        } else if (got == 0) {
            leave(client, 1);
            return;
        } else {
            if (errno != EAGAIN)
                leave(client, 0);
            return;
        }
    }
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    struct epoll_event events[256];
    uint64_t end;

    if (argc != 5) {
        fprintf(stderr, "usage: http_load ADDRESS PORT CLIENTS SECONDS < request\n");
        return 2;
    }
    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)atoi(argv[2]));
    if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1)
        return 2;
    request_length = read(0, request, sizeof request);
    samples = malloc(SAMPLES * sizeof *samples);
    poller = epoll_create1(0);
    int clients = atoi(argv[3]);
    struct client *crowd = calloc((size_t)clients, sizeof *crowd);
    end = now() + (uint64_t)(atof(argv[4]) * 1e9);
    for (int i = 0; i < clients; i++)
        come(&crowd[i]);
    while (now() < end) {
        int ready = epoll_wait(poller, events, 256, 100);
        for (int i = 0; i < ready; i++)
            stirred(events[i].data.ptr, events[i].events);
    }
    size_t kept = answers < SAMPLES ? answers : SAMPLES;
    qsort(samples, kept, sizeof *samples, by_size);
    printf("%zu %zu %zu %zu %u %u\n", answers, errors, answers ? shortest : 0, longest,
           kept ? samples[kept / 2] : 0, kept ? samples[kept * 99 / 100] : 0);
    return 0;
}
