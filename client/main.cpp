#include "client/run.hpp"

// libcrypto asks the processor what it can do before main() runs, which takes longer than anything
// this program does for an ordinary command, and most commands never need it. The linker sends that
// call here (see CMakeLists.txt); the library repeats it when TLS is used.
// NOLINTBEGIN(bugprone-reserved-identifier,cppcoreguidelines-avoid-non-const-global-variables)
namespace {
bool main_has_begun = false;
}  // namespace

extern "C" {
void __real_OPENSSL_cpuid_setup();
void __wrap_OPENSSL_cpuid_setup() {
    if (main_has_begun) {
        __real_OPENSSL_cpuid_setup();
    }
}
}
// NOLINTEND(bugprone-reserved-identifier,cppcoreguidelines-avoid-non-const-global-variables)

int main(int argc, char** argv) {
    main_has_begun = true;
    return pueue::client::run_program({argv, argv + argc});
}
