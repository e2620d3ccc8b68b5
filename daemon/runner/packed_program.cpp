#include "daemon/runner/packed_program.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

namespace pueue::runner {

namespace {

/// Room for the fixed fields of a message beside the spec.
constexpr std::size_t inline_spec_bytes_max = keeper::message_bytes_max - 256;

// The layout is described at keeper::SpecHeader.
Bytes spec_of(const Program& program) {
    const keeper::SpecHeader counts{
        static_cast<std::uint32_t>(program.programs.size()),
        static_cast<std::uint32_t>(program.arguments.size()),
        static_cast<std::uint32_t>(program.environment.size())};
    Bytes bytes(keeper::spec_header_bytes, '\0');
    keeper::Writer writer(bytes.data(), bytes.size());
    keeper::SpecHeader::fields(writer, counts);
    for (const auto* list : {&program.programs, &program.arguments, &program.environment}) {
        for (const std::string& text : *list) {
            bytes.append(text).push_back('\0');
        }
    }
    bytes.append(program.directory).push_back('\0');
    return bytes;
}

Result<UniqueFd> sealed_memfd(ByteView content) {
    UniqueFd file(::memfd_create("pueue-spec", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file) {
        return os_error("memfd_create", errno);
    }
    CHECK_OK(write_all(file.get(), content));
    const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    if (::fcntl(file.get(), F_ADD_SEALS, seals) != 0) {
        return os_error("seal a memfd", errno);
    }
    return file;
}

}  // namespace

Inherited Inherited::of_process() {
    Inherited inherited;
    inherited.umask = ::umask(0);
    ::umask(inherited.umask);
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        inherited.open_files = files.rlim_cur;
    }
    return inherited;
}

Result<PackedProgram> pack(const Program& program) {
    PackedProgram packed;
    packed.spec = spec_of(program);
    if (packed.spec.size() > keeper::spec_bytes_max) {
        return os_error("pack a program", E2BIG);
    }
    if (packed.spec.size() > inline_spec_bytes_max) {
        TRY(packed.memfd, sealed_memfd(packed.spec));
        packed.spec.clear();
    }
    return packed;
}

}  // namespace pueue::runner
