#include "client/run.hpp"

int main(int argc, char** argv) {
    return pueue::client::run_program({argv, argv + argc});
}
