/* Devices that fetch one file: CLIENTS at once for SECONDS, whole or CHUNK bytes at a time.
 *
 *   files_load ADDRESS PORT PATH CLIENTS SECONDS SIZE CHUNK KEEP
 *
 * CHUNK 0 asks for the whole file; else each request is a Range, one after the other, as
 * esp_https_ota's. KEEP 1 uses a connection for all requests, 0 a new one for each. Each client has
 * an address of its own in 127.1/16. What comes is thrown away in the kernel (MSG_TRUNC, tcp(7)), so
 * that the load costs less than the server. Prints: answers, errors, bytes, and the 50th and 99th
 * percentile of the time from request to last byte, in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 4096, SAMPLES = 4000000 };

struct client {
    int descriptor;
    uint32_t number;
    uint64_t began;
    long position;
    long expected;
    long left;       /* of the body; -1 while the head is not all there */
    size_t length;
    char head[HEAD];
};

static struct sockaddr_in server;
static const char *path, *name;
static long size, chunk;
static int keep, poller;
static uint32_t *samples;
static size_t answers, errors;
static uint64_t bytes;

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void ask(struct client *client)
{
    char request[1024];
    int length;

    client->expected = size;
    if (chunk) {
        long last = client->position + chunk - 1;
        if (last >= size)
            last = size - 1;
        client->expected = last - client->position + 1;
        length = snprintf(request, sizeof request,
            "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: ESP32 HTTP Client/1.0\r\n"
            "Range: bytes=%ld-%ld\r\nConnection: %s\r\n\r\n",
            path, name, client->position, last, keep ? "keep-alive" : "close");
        client->position = last + 1 == size ? 0 : last + 1;
    } else {
        length = snprintf(request, sizeof request,
            "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: ESP32-http-Update\r\nConnection: %s\r\n\r\n",
            path, name, keep ? "keep-alive" : "close");
    }
    client->left = -1;
    client->length = 0;
    client->began = now();
    if (send(client->descriptor, request, (size_t)length, MSG_NOSIGNAL) != length)
        errors++;
}

static void come(struct client *client)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
    struct sockaddr_in own = { .sin_family = AF_INET };
    int one = 1;

    client->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    own.sin_addr.s_addr = htonl(0x7f010001u + client->number);
    setsockopt(client->descriptor, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(client->descriptor, (struct sockaddr *)&own, sizeof own) < 0 ||
        connect(client->descriptor, (struct sockaddr *)&server, sizeof server) < 0) {
        perror("connect");
        exit(1);
    }
    setsockopt(client->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    epoll_ctl(poller, EPOLL_CTL_ADD, client->descriptor, &event);
    ask(client);
}

static void again(struct client *client)
{
    if (!keep) {
        close(client->descriptor);
        come(client);
    } else
        ask(client);
}

static void fail(struct client *client)
{
    errors++;
    close(client->descriptor);
    come(client);
}

static int head_read(struct client *client, ssize_t got)
{
    char *end, *found;
    long extra;

    client->length += (size_t)got;
    client->head[client->length] = 0;
    if (!(end = strstr(client->head, "\r\n\r\n")))
        return client->length < HEAD - 1;
    if (strncmp(client->head, chunk ? "HTTP/1.1 206" : "HTTP/1.1 200", 12))
        return 0;
    if (!(found = strcasestr(client->head, "\r\nContent-Length:")))
        return 0;
    client->left = strtol(found + 17, NULL, 10);
    if (client->left != client->expected)
        return 0;
    extra = (long)client->length - (end + 4 - client->head);
    client->left -= extra;
    bytes += (uint64_t)extra;
    return 1;
}

static void look(struct client *client)
{
    ssize_t got;

    if (client->left < 0) {
        got = recv(client->descriptor, client->head + client->length, HEAD - 1 - client->length, MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0 || !head_read(client, got)) {
            fail(client);
            return;
        }
    }
    while (client->left > 0) {
        got = recv(client->descriptor, NULL, (size_t)client->left, MSG_DONTWAIT | MSG_TRUNC);
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            fail(client);
            return;
        }
        client->left -= got;
        bytes += (uint64_t)got;
    }
    if (client->left == 0) {
        if (answers < SAMPLES)
            samples[answers] = (uint32_t)((now() - client->began) / 1000);
        answers++;
        again(client);
    }
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

int main(int count, char **words)
{
    struct epoll_event events[256];
    struct client *clients;
    uint64_t end;
    size_t kept;
    int number;
    static char host[64];

    if (count != 9)
        return 2;
    server.sin_family = AF_INET;
    inet_pton(AF_INET, words[1], &server.sin_addr);
    server.sin_port = htons((uint16_t)atoi(words[2]));
    snprintf(host, sizeof host, "%s:%s", words[1], words[2]);
    name = host;
    path = words[3];
    number = atoi(words[4]);
    size = atol(words[6]);
    chunk = atol(words[7]);
    keep = atoi(words[8]);
    samples = malloc(SAMPLES * sizeof *samples);
    clients = calloc((size_t)number, sizeof *clients);
    poller = epoll_create1(0);
    end = now() + (uint64_t)(atof(words[5]) * 1e9);
    for (int i = 0; i < number; i++) {
        clients[i].number = (uint32_t)i;
        come(&clients[i]);
    }
    while (now() < end) {
        int ready = epoll_wait(poller, events, 256, 50);
        for (int i = 0; i < ready; i++)
            look(events[i].data.ptr);
    }
    kept = answers < SAMPLES ? answers : SAMPLES;
    qsort(samples, kept, sizeof *samples, by_size);
    printf("%zu %zu %llu %u %u\n", answers, errors, (unsigned long long)bytes,
           kept ? samples[kept / 2] : 0, kept ? samples[kept * 99 / 100] : 0);
    return 0;
}
