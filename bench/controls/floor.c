// The floor under a client: what a program has to do that asks a daemon one thing, and no more.
// Connects, sends the secret, reads the version, sends the request, reads the reply.
//   floor SOCKET SECRET REQUEST
// SECRET and REQUEST are files with what goes over the wire, frames included.

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { header_bytes = 8, room = 65536 };

static unsigned char buffer[room];

static void check(int good) {
    if (!good) {
        _exit(1);
    }
}

static void send_file(int stream, const char* path) {
    const int file = open(path, O_RDONLY);
    check(file >= 0);
    const ssize_t size = read(file, buffer, room);
    check(size > 0 && write(stream, buffer, (size_t)size) == size);
    close(file);
}

static void receive_frame(int stream) {
    size_t got = 0;
    size_t wanted = header_bytes;
    while (got < wanted) {
        const ssize_t size = read(stream, buffer + got, room - got);
        check(size > 0);
        got += (size_t)size;
        if (got >= header_bytes && wanted == header_bytes) {
            for (int i = 0; i < header_bytes; i++) {
                wanted += (size_t)buffer[i] << (8 * (header_bytes - 1 - i));
            }
            check(wanted <= room);
        }
    }
}

int main(int argc, char** argv) {
    check(argc == 4);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    check(strlen(argv[1]) < sizeof address.sun_path);
    strcpy(address.sun_path, argv[1]);
    const int stream = socket(AF_UNIX, SOCK_STREAM, 0);
    check(connect(stream, (const struct sockaddr*)&address, sizeof address) == 0);
    send_file(stream, argv[2]);
    receive_frame(stream);
    send_file(stream, argv[3]);
    receive_frame(stream);
    check(buffer[header_bytes] != 0);
    static const char answer[] = "New task added.\n";
    return write(STDOUT_FILENO, answer, sizeof answer - 1) > 0 ? 0 : 1;
}
