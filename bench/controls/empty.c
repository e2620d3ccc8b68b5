// Control C4: a program that does nothing. What it costs to run it is what every client pays before
// its first line.

int main(void) {
    return 0;
}
