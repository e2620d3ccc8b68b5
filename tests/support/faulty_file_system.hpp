// Another file system with faults put in front of it: the n-th call fails, once or from then on.
//
// A write that fails has written half of its bytes. A sync that fails has synced nothing, and the
// next one of the same file lies: it succeeds without syncing, as Linux does, and is remembered, so
// that a test can demand that nobody asked again.
#pragma once

#include "daemon/journal/file_system.hpp"

#include <cstdint>
#include <memory>

namespace pueue::support {

class FaultyFileSystem final : public journal::FileSystem {
  public:
    enum class Lasting { once, for_good };

    explicit FaultyFileSystem(journal::FileSystem& inner);
    ~FaultyFileSystem() override;

    /// The `nth` call from now on (1: the next one) fails with this error number.
    void fail(std::uint64_t nth, int error, Lasting lasting);
    void heal();

    /// Calls since construction, of the file system and of its files.
    [[nodiscard]] std::uint64_t calls() const;
    /// Whether a fault was met.
    [[nodiscard]] bool has_failed() const;
    /// Whether a file was synced again after a sync of it had failed.
    [[nodiscard]] bool synced_after_failure() const;

    [[nodiscard]] Result<journal::FilePtr> open(const std::string& name, journal::OpenMode mode)
        override;
    [[nodiscard]] Result<> rename(const std::string& from, const std::string& to) override;
    [[nodiscard]] Result<> remove(const std::string& name) override;
    [[nodiscard]] Result<> make_directory(const std::string& name) override;
    [[nodiscard]] Result<> sync_directory(const std::string& name) override;
    [[nodiscard]] Result<std::vector<std::string>> list(const std::string& name) override;

  private:
    class OpenFile;
    struct Plan;

    journal::FileSystem& inner_;
    std::shared_ptr<Plan> plan_;
};

}  // namespace pueue::support
