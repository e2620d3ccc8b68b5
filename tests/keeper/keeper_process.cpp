// A program that can be a keeper and nothing else.
#include "daemon/keeper/keeper.hpp"

int main(int argc, char** argv) {
    return pueue::keeper::is_keeper(argc, argv) ? pueue::keeper::keeper_main(argc, argv) : 2;
}
