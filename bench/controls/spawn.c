// Control C1: how many `sh -c true` the machine starts and reaps per second.
//   spawn COUNT WORKERS
// Each worker starts its children one after the other, with shared memory like the keeper does.
// Prints the rate.

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static pid_t start_child(void) {
    static char* const arguments[] = {"sh", "-c", "true", NULL};
    static char* const environment[] = {"PATH=/usr/bin:/bin", NULL};
    const pid_t child = vfork();
    if (child == 0) {
        execve("/bin/sh", arguments, environment);
        _exit(127);
    }
    return child;
}

static int run_children(long count) {
    for (long i = 0; i < count; i++) {
        const pid_t child = start_child();
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
            return 1;
        }
    }
    return 0;
}

int main(int argc, char** argv) {
    if (argc != 3) {
        return 2;
    }
    const long count = atol(argv[1]);
    const long workers = atol(argv[2]);
    const double start = now();
    for (long i = 0; i < workers; i++) {
        const pid_t worker = fork();
        if (worker == 0) {
            _exit(run_children(count / workers));
        }
        if (worker < 0) {
            return 1;
        }
    }
    for (long i = 0; i < workers; i++) {
        int status = 0;
        if (wait(&status) < 0 || status != 0) {
            return 1;
        }
    }
    printf("%.1f\n", (double)(count / workers * workers) / (now() - start));
    return 0;
}
