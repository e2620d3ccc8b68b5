#include "tests/support/golden.hpp"

#include <iterator>

namespace pueue::support {

// The only object that depends on where the tree is: all others are the same in every checkout.
std::string golden_path(const std::string& name) {
    return PUEUE_GOLDEN_DIRECTORY "/" + name;
}

std::string read_golden(const std::string& name) {
    std::ifstream file(golden_path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace pueue::support
