#include "tests/support/mem_file_system.hpp"

#include <algorithm>
#include <cerrno>
#include <random>
#include <utility>

namespace pueue::support {

using journal::FilePtr;
using journal::OpenMode;

namespace {

constexpr std::size_t sector_bytes = 512;

std::string parent_of(const std::string& name) {
    const std::size_t slash = name.rfind('/');
    return slash == std::string::npos ? "." : name.substr(0, slash);
}

// Decides for each unsynced change whether it reached the disk before the power went.
class Luck {
  public:
    explicit Luck(std::uint64_t seed) : random_(seed) {
        keep_percent_ = seed == 0 ? 0 : seed == 1 ? 100 : 5 + random_() % 91;
    }
    bool keeps() { return random_() % 100 < keep_percent_; }

  private:
    std::mt19937_64 random_;
    std::uint64_t keep_percent_;
};

void overwrite(Bytes& content, ByteView bytes, std::size_t offset) {
    if (content.size() < offset + bytes.size()) {
        content.resize(offset + bytes.size(), '\0');
    }
    content.replace(offset, bytes.size(), bytes);
}

}  // namespace

struct MemFileSystem::Node {
    // A write of `bytes`, or with `is_size` a change of the size to `offset`.
    struct Change {
        std::size_t offset = 0;
        Bytes bytes;
        bool is_size = false;
    };

    bool is_directory = false;
    Bytes content;
    Bytes durable;
    std::vector<Change> unsynced;

    void sync() {
        durable = content;
        unsynced.clear();
    }

    Bytes after_power_cut(Luck& luck) const {
        Bytes left = durable;
        for (const Change& change : unsynced) {
            if (change.is_size && luck.keeps()) {
                left.resize(change.offset, '\0');
            }
            for (std::size_t at = 0; at < change.bytes.size();) {
                const std::size_t to_boundary = sector_bytes - (change.offset + at) % sector_bytes;
                const ByteView piece = ByteView(change.bytes).substr(at, to_boundary);
                if (luck.keeps()) {
                    overwrite(left, piece, change.offset + at);
                }
                at += piece.size();
            }
        }
        return left;
    }
};

// `to` empty: removed. `from` empty: created. Durable when the directory of `to` (or of the removed
// name) is synced.
struct MemFileSystem::NameChange {
    std::string from;
    std::string to;
    NodePtr node;

    std::string directory() const { return parent_of(to.empty() ? from : to); }

    void apply_to(std::map<std::string, NodePtr>& names) const {
        if (!from.empty()) {
            names.erase(from);
        }
        if (!to.empty()) {
            names[to] = node;
        }
    }
};

class MemFileSystem::OpenFile final : public journal::File {
  public:
    OpenFile(const MemFileSystem& system, NodePtr node) : system_(system), node_(std::move(node)) {}

    Result<std::size_t> read_at(char* to, std::size_t size, std::uint64_t offset) const override {
        const std::lock_guard lock(system_.mutex_);
        if (offset >= node_->content.size()) {
            return std::size_t{0};
        }
        return node_->content.copy(to, size, offset);
    }

    Result<> write_at(ByteView bytes, std::uint64_t offset) override {
        const std::lock_guard lock(system_.mutex_);
        system_.about_to("write_at");
        const auto at = offset;
        overwrite(node_->content, bytes, at);
        node_->unsynced.push_back({at, Bytes(bytes), false});
        return {};
    }

    Result<> sync() override {
        const std::lock_guard lock(system_.mutex_);
        system_.about_to("sync");
        node_->sync();
        return {};
    }

    Result<> allocate(std::uint64_t offset, std::uint64_t size) override {
        const std::lock_guard lock(system_.mutex_);
        system_.about_to("allocate");
        resize(std::max(node_->content.size(), offset + size));
        return {};
    }

    Result<> truncate(std::uint64_t size) override {
        const std::lock_guard lock(system_.mutex_);
        system_.about_to("truncate");
        resize(size);
        return {};
    }

    Result<std::uint64_t> size() const override {
        const std::lock_guard lock(system_.mutex_);
        return std::uint64_t{node_->content.size()};
    }

  private:
    void resize(std::size_t size) {
        node_->content.resize(size, '\0');
        node_->unsynced.push_back({size, {}, true});
    }

    const MemFileSystem& system_;
    NodePtr node_;
};

MemFileSystem::MemFileSystem() = default;
MemFileSystem::~MemFileSystem() = default;

Result<FilePtr> MemFileSystem::open(const std::string& name, OpenMode mode) {
    const std::lock_guard lock(mutex_);
    const auto found = names_.find(name);
    const bool exists = found != names_.end();
    if (mode == OpenMode::read || mode == OpenMode::update) {
        if (!exists || found->second->is_directory) {
            return os_error("open " + name, exists ? EISDIR : ENOENT);
        }
        return FilePtr(std::make_shared<OpenFile>(*this, found->second));
    }
    if (exists && mode == OpenMode::create) {
        return os_error("open " + name, EEXIST);
    }
    if (!directory_exists(parent_of(name))) {
        return os_error("open " + name, ENOENT);
    }
    about_to("open");
    if (exists) {
        FilePtr file = std::make_shared<OpenFile>(*this, found->second);
        found->second->content.clear();
        found->second->unsynced.push_back({0, {}, true});
        return file;
    }
    NodePtr node = std::make_shared<Node>();
    note({"", name, node});
    return FilePtr(std::make_shared<OpenFile>(*this, std::move(node)));
}

Result<> MemFileSystem::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    const auto found = names_.find(from);
    if (found == names_.end() || !directory_exists(parent_of(to))) {
        return os_error("rename " + from + " to " + to, ENOENT);
    }
    about_to("rename");
    note({from, to, found->second});
    return {};
}

Result<> MemFileSystem::remove(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (!names_.contains(name)) {
        return os_error("unlink " + name, ENOENT);
    }
    about_to("remove");
    note({name, "", nullptr});
    return {};
}

Result<> MemFileSystem::make_directory(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (directory_exists(name)) {
        return {};
    }
    if (names_.contains(name)) {
        return os_error("mkdir " + name, EEXIST);
    }
    if (!directory_exists(parent_of(name))) {
        return os_error("mkdir " + name, ENOENT);
    }
    about_to("make_directory");
    NodePtr node = std::make_shared<Node>();
    node->is_directory = true;
    note({"", name, std::move(node)});
    return {};
}

Result<> MemFileSystem::sync_directory(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (!directory_exists(name)) {
        return os_error("fsync " + name, ENOENT);
    }
    about_to("sync_directory");
    std::vector<NameChange> still_unsynced;
    for (NameChange& change : unsynced_names_) {
        if (change.directory() != name) {
            still_unsynced.push_back(std::move(change));
            continue;
        }
        change.apply_to(durable_names_);
        // A name that has durably moved elsewhere must not come back through an older change.
        std::erase_if(still_unsynced, [&](const NameChange& older) {
            return !change.from.empty() && older.to == change.from;
        });
    }
    unsynced_names_ = std::move(still_unsynced);
    return {};
}

Result<std::vector<std::string>> MemFileSystem::list(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (!directory_exists(name)) {
        return os_error("open " + name, ENOENT);
    }
    std::vector<std::string> found;
    for (const auto& [path, node] : names_) {
        if (parent_of(path) == name) {
            found.push_back(path.substr(name == "." ? 0 : name.size() + 1));
        }
    }
    return found;
}

std::unique_ptr<MemFileSystem> MemFileSystem::after_power_cut(std::uint64_t seed) const {
    const std::lock_guard lock(mutex_);
    Luck luck(seed);
    std::map<std::string, NodePtr> names = durable_names_;
    for (const NameChange& change : unsynced_names_) {
        if (luck.keeps()) {
            change.apply_to(names);
        }
    }
    auto image = std::make_unique<MemFileSystem>();
    for (const auto& [name, node] : names) {
        // In order, so that a directory comes before what is in it; without it, that is gone too.
        if (!image->directory_exists(parent_of(name))) {
            continue;
        }
        auto copy = std::make_shared<Node>();
        copy->is_directory = node->is_directory;
        copy->content = node->after_power_cut(luck);
        copy->durable = copy->content;
        image->names_[name] = std::move(copy);
    }
    image->durable_names_ = image->names_;
    return image;
}

std::unique_ptr<MemFileSystem> MemFileSystem::after_kill() const {
    const std::lock_guard lock(mutex_);
    // Nodes are copied once each, so that a name before and after a rename is one file still.
    std::map<const Node*, NodePtr> copies;
    const auto copy_of = [&](const NodePtr& node) -> NodePtr {
        if (!node) {
            return nullptr;
        }
        NodePtr& copy = copies[node.get()];
        if (!copy) {
            copy = std::make_shared<Node>(*node);
        }
        return copy;
    };
    auto image = std::make_unique<MemFileSystem>();
    for (const auto& [name, node] : names_) {
        image->names_[name] = copy_of(node);
    }
    for (const auto& [name, node] : durable_names_) {
        image->durable_names_[name] = copy_of(node);
    }
    for (const NameChange& change : unsynced_names_) {
        image->unsynced_names_.push_back({change.from, change.to, copy_of(change.node)});
    }
    return image;
}

void MemFileSystem::before_each_change(std::function<void(const std::string&)> hook) {
    const std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
}

bool MemFileSystem::exists(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    return names_.contains(name);
}

Bytes MemFileSystem::content(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = names_.find(name);
    PUEUE_CHECK(found != names_.end());
    return found->second->content;
}

void MemFileSystem::put(const std::string& name, Bytes content) {
    const std::lock_guard lock(mutex_);
    NodePtr node = std::make_shared<Node>();
    node->content = std::move(content);
    node->sync();
    durable_names_[name] = node;
    names_[name] = std::move(node);
    std::erase_if(unsynced_names_, [&](const NameChange& change) {
        return change.to == name || change.from == name;
    });
}

std::map<std::string, Bytes> MemFileSystem::all(const std::string& directory) const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, Bytes> files;
    for (const auto& [name, node] : names_) {
        if (!node->is_directory && (directory == "." || name.starts_with(directory + "/"))) {
            files[name] = node->content;
        }
    }
    return files;
}

void MemFileSystem::about_to(const std::string& verb) const {
    if (hook_) {
        hook_(verb);
    }
}

void MemFileSystem::note(NameChange change) {
    change.apply_to(names_);
    unsynced_names_.push_back(std::move(change));
}

bool MemFileSystem::directory_exists(const std::string& name) const {
    const auto found = names_.find(name);
    return name == "." || (found != names_.end() && found->second->is_directory);
}

}  // namespace pueue::support
