#include "tests/support/faulty_file_system.hpp"

#include <mutex>
#include <utility>

namespace pueue::support {

using journal::FilePtr;
using journal::OpenMode;

struct FaultyFileSystem::Plan {
    mutable std::mutex mutex;
    std::uint64_t calls = 0;
    std::uint64_t fail_at = 0;  ///< a value of `calls`; 0: never
    int error = 0;
    Lasting lasting = Lasting::once;
    bool has_failed = false;
    bool synced_after_failure = false;

    // Counts a call. An error if it is one that fails.
    Result<> next(const char* verb) {
        const std::lock_guard lock(mutex);
        ++calls;
        const bool fails =
            fail_at != 0 && (calls == fail_at || (lasting == Lasting::for_good && calls > fail_at));
        if (!fails) {
            return {};
        }
        has_failed = true;
        return os_error(verb, error);
    }
};

class FaultyFileSystem::OpenFile final : public journal::File {
  public:
    OpenFile(std::shared_ptr<Plan> plan, FilePtr inner)
        : plan_(std::move(plan)), inner_(std::move(inner)) {}

    Result<std::size_t> read_at(char* to, std::size_t size, std::uint64_t offset) const override {
        CHECK_OK(plan_->next("read"));
        return inner_->read_at(to, size, offset);
    }
    Result<> write_at(ByteView bytes, std::uint64_t offset) override {
        if (const Result<> fault = plan_->next("write"); fault.has_error()) {
            CHECK_OK(inner_->write_at(bytes.substr(0, bytes.size() / 2), offset));
            return fault;
        }
        return inner_->write_at(bytes, offset);
    }
    Result<> sync() override {
        const Result<> fault = plan_->next("fdatasync");
        if (sync_has_failed_) {
            const std::lock_guard lock(plan_->mutex);
            plan_->synced_after_failure = true;
            return {};
        }
        if (fault.has_error()) {
            sync_has_failed_ = true;
            return fault;
        }
        return inner_->sync();
    }
    Result<> allocate(std::uint64_t offset, std::uint64_t size) override {
        CHECK_OK(plan_->next("fallocate"));
        return inner_->allocate(offset, size);
    }
    Result<> truncate(std::uint64_t size) override {
        CHECK_OK(plan_->next("ftruncate"));
        return inner_->truncate(size);
    }
    Result<std::uint64_t> size() const override {
        CHECK_OK(plan_->next("fstat"));
        return inner_->size();
    }

  private:
    std::shared_ptr<Plan> plan_;
    FilePtr inner_;
    bool sync_has_failed_ = false;
};

FaultyFileSystem::FaultyFileSystem(journal::FileSystem& inner)
    : inner_(inner), plan_(std::make_shared<Plan>()) {}

FaultyFileSystem::~FaultyFileSystem() = default;

void FaultyFileSystem::fail(std::uint64_t nth, int error, Lasting lasting) {
    const std::lock_guard lock(plan_->mutex);
    plan_->fail_at = plan_->calls + nth;
    plan_->error = error;
    plan_->lasting = lasting;
}

void FaultyFileSystem::heal() {
    const std::lock_guard lock(plan_->mutex);
    plan_->fail_at = 0;
}

std::uint64_t FaultyFileSystem::calls() const {
    const std::lock_guard lock(plan_->mutex);
    return plan_->calls;
}

bool FaultyFileSystem::has_failed() const {
    const std::lock_guard lock(plan_->mutex);
    return plan_->has_failed;
}

bool FaultyFileSystem::synced_after_failure() const {
    const std::lock_guard lock(plan_->mutex);
    return plan_->synced_after_failure;
}

Result<FilePtr> FaultyFileSystem::open(const std::string& name, OpenMode mode) {
    CHECK_OK(plan_->next("open"));
    TRY(FilePtr inner, inner_.open(name, mode));
    return FilePtr(std::make_shared<OpenFile>(plan_, std::move(inner)));
}

Result<> FaultyFileSystem::rename(const std::string& from, const std::string& to) {
    CHECK_OK(plan_->next("rename"));
    return inner_.rename(from, to);
}

Result<> FaultyFileSystem::remove(const std::string& name) {
    CHECK_OK(plan_->next("unlink"));
    return inner_.remove(name);
}

Result<> FaultyFileSystem::make_directory(const std::string& name) {
    CHECK_OK(plan_->next("mkdir"));
    return inner_.make_directory(name);
}

Result<> FaultyFileSystem::sync_directory(const std::string& name) {
    CHECK_OK(plan_->next("fsync"));
    return inner_.sync_directory(name);
}

Result<std::vector<std::string>> FaultyFileSystem::list(const std::string& name) {
    CHECK_OK(plan_->next("open"));
    return inner_.list(name);
}

}  // namespace pueue::support
