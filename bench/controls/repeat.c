// Runs a program again and again, one after the other, with stdout closed off, and times each run
// from start to end.
//   repeat COUNT PROGRAM ARGUMENT…
// Prints one duration in microseconds per line; ends with 1 at the first run that does not exit
// with 0.

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char** environ;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

int main(int argc, char** argv) {
    if (argc < 3) {
        return 2;
    }
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    for (long i = atol(argv[1]); i > 0; i--) {
        const double start = now();
        pid_t child = 0;
        int status = 0;
        if (posix_spawn(&child, argv[2], &quiet, NULL, argv + 2, environ) != 0 ||
            waitpid(child, &status, 0) != child || status != 0) {
            fprintf(stderr, "repeat: %s: status %d\n", argv[2], status);
            return 1;
        }
        printf("%.1f\n", now() - start);
    }
    return 0;
}
