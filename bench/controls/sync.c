// Control C3: appending 300 bytes to a growing file and making them durable.
//   sync COUNT DIRECTORY
// Prints one duration in microseconds per line.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

int main(int argc, char** argv) {
    static const char record[300];
    if (argc != 3) {
        return 2;
    }
    char path[4096];
    snprintf(path, sizeof path, "%s/sync.data", argv[2]);
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    if (file < 0) {
        perror("sync");
        return 1;
    }
    for (long i = atol(argv[1]); i > 0; i--) {
        const double start = now();
        if (write(file, record, sizeof record) != (ssize_t)sizeof record || fdatasync(file) != 0) {
            return 1;
        }
        printf("%.1f\n", now() - start);
    }
    return 0;
}
