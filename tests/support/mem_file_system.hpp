// A file system in memory that remembers what was synced, so that a test can cut the power.
//
// Running, it behaves like the real one. `after_power_cut` makes what the next start would find:
// of everything that no sync covered, each 512-byte sector of each write, each change of a size and
// each change of a name is kept or lost on its own. That is harsher than any disk and file system
// we know, and kinder in nothing. Safe to use from two threads.
#pragma once

#include "daemon/journal/file_system.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace pueue::support {

class MemFileSystem final : public journal::FileSystem {
  public:
    MemFileSystem();
    ~MemFileSystem() override;

    [[nodiscard]] Result<journal::FilePtr> open(const std::string& name, journal::OpenMode mode)
        override;
    [[nodiscard]] Result<> rename(const std::string& from, const std::string& to) override;
    [[nodiscard]] Result<> remove(const std::string& name) override;
    [[nodiscard]] Result<> make_directory(const std::string& name) override;
    [[nodiscard]] Result<> sync_directory(const std::string& name) override;
    [[nodiscard]] Result<std::vector<std::string>> list(const std::string& name) override;

    /// Seed 0 loses everything that was not synced, seed 1 loses nothing, the others some of it.
    /// The present one is not changed; open files stay with it.
    [[nodiscard]] std::unique_ptr<MemFileSystem> after_power_cut(std::uint64_t seed) const;
    /// What a new daemon finds when the old one was killed: everything, synced or not.
    [[nodiscard]] std::unique_ptr<MemFileSystem> after_kill() const;

    /// Called before each verb that changes something, with its name; it may take images.
    void before_each_change(std::function<void(const std::string& verb)> hook);

    // For tests that look at files or damage them. What is put is durable.
    [[nodiscard]] bool exists(const std::string& name) const;
    [[nodiscard]] Bytes content(const std::string& name) const;
    void put(const std::string& name, Bytes content);
    /// Of everything below this directory, in order.
    [[nodiscard]] std::map<std::string, Bytes> all(const std::string& directory) const;

  private:
    class OpenFile;
    struct Node;
    struct NameChange;
    using NodePtr = std::shared_ptr<Node>;

    void about_to(const std::string& verb) const;
    void note(NameChange change);
    [[nodiscard]] bool directory_exists(const std::string& name) const;

    mutable std::recursive_mutex mutex_;
    std::function<void(const std::string&)> hook_;
    std::map<std::string, NodePtr> names_;
    std::map<std::string, NodePtr> durable_names_;
    std::vector<NameChange> unsynced_names_;
};

}  // namespace pueue::support
