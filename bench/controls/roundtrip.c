// Control C2: connecting to a unix socket and two round trips of an add's sizes, between two
// processes.
//   roundtrip COUNT DIRECTORY
// Prints one duration in microseconds per line.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { secret_bytes = 520, version_bytes = 14, request_bytes = 3814, reply_bytes = 58 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void receive(int stream, size_t size) {
    static char buffer[8192];
    while (size > 0) {
        const ssize_t got = read(stream, buffer, size);
        if (got <= 0) {
            _exit(1);
        }
        size -= (size_t)got;
    }
}

static void send_bytes(int stream, size_t size) {
    static const char buffer[8192];
    if (write(stream, buffer, size) != (ssize_t)size) {
        _exit(1);
    }
}

static void serve(int listener) {
    for (;;) {
        const int peer = accept(listener, NULL, NULL);
        if (peer < 0) {
            _exit(1);
        }
        receive(peer, secret_bytes);
        send_bytes(peer, version_bytes);
        receive(peer, request_bytes);
        send_bytes(peer, reply_bytes);
        close(peer);
    }
}

int main(int argc, char** argv) {
    if (argc != 3) {
        return 2;
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/roundtrip.socket", argv[2]);
    unlink(address.sun_path);
    const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (const struct sockaddr*)&address, sizeof address) != 0 ||
        listen(listener, 16) != 0) {
        perror("roundtrip");
        return 1;
    }
    const pid_t server = fork();
    if (server == 0) {
        serve(listener);
    }
    for (long i = atol(argv[1]); i > 0; i--) {
        const double start = now();
        const int stream = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(stream, (const struct sockaddr*)&address, sizeof address) != 0) {
            return 1;
        }
        send_bytes(stream, secret_bytes);
        receive(stream, version_bytes);
        send_bytes(stream, request_bytes);
        receive(stream, reply_bytes);
        close(stream);
        printf("%.1f\n", now() - start);
    }
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    return 0;
}
