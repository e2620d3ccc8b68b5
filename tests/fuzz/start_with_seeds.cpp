// Makes a libFuzzer program that is started without a corpus use its seeds, and a directory of the
// build tree for what it finds. libFuzzer calls LLVMFuzzerInitialize before it reads its arguments.
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/fuzz/seeds.hpp"

#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    for (int i = 1; i < *argc; ++i) {
        if (!std::string_view((*argv)[i]).starts_with('-')) {
            return 0;
        }
    }
    const std::filesystem::path corpus = PUEUE_FUZZ_CORPUS;
    std::filesystem::create_directories(corpus);
    int number = 0;
    for (const pueue::Bytes& seed : pueue::fuzz::seeds()) {
        std::ofstream(corpus / ("seed-" + std::to_string(number++)), std::ios::binary) << seed;
    }
    // Both live as long as the program: libFuzzer keeps the pointers.
    static std::string directory = corpus;
    static std::vector<char*> arguments(*argv, *argv + *argc);
    arguments.push_back(directory.data());
    *argc = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);
    *argv = arguments.data();
    return 0;
}
