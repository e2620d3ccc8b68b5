// A task that says when it began and when it ended, as seen from inside.
//   stamp FILE MILLISECONDS
// Appends one line, `BEGIN END` in nanoseconds of the monotonic clock, with a single write.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000000000 + time.tv_nsec;
}

int main(int argc, char** argv) {
    const long long begin = now();
    if (argc != 3) {
        return 2;
    }
    const int file = open(argv[1], O_WRONLY | O_CREAT | O_APPEND, 0600);
    const struct timespec nap = {0, atol(argv[2]) * 1000000};
    nanosleep(&nap, NULL);
    char line[64];
    const int size = snprintf(line, sizeof line, "%lld %lld\n", begin, now());
    return file < 0 || write(file, line, (size_t)size) != size;
}
