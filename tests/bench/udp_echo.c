/* What the kernel alone costs: every datagram sent back as it came, 64 at a time.
 *
 *   udp_echo HOST PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { BATCH = 64, SLOT = 1344 };

static unsigned char slots[BATCH][SLOT];
static struct sockaddr_in from[BATCH];
static struct iovec at[BATCH];
static struct mmsghdr messages[BATCH];

static int receive(int fd)
{
    for (int i = 0; i < BATCH; i++) {
        at[i] = (struct iovec){slots[i], SLOT};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &from[i],
            .msg_namelen = sizeof from[i],
            .msg_iov = &at[i],
            .msg_iovlen = 1,
        };
    }
    return recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
}

static void send_back(int fd, int count)
{
    for (int i = 0; i < count; i++)
        at[i].iov_len = messages[i].msg_len;
    for (int done = 0, sent; done < count; done += sent > 0 ? sent : 1)
        sent = sendmmsg(fd, messages + done, (unsigned)(count - done), 0);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: udp_echo HOST PORT\n");
        return 2;
    }
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
    inet_pton(AF_INET, argv[1], &here.sin_addr);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    int room = 4 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    if (bind(fd, (struct sockaddr *)&here, sizeof here)) {
        perror("udp_echo: bind");
        return 1;
    }
    for (;;)
        send_back(fd, receive(fd));
}
