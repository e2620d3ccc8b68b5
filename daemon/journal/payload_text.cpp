#include "daemon/journal/payload_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace pueue::journal {

namespace {

constexpr std::uint16_t environment_type = 64;

constexpr auto names = std::to_array<std::pair<std::uint16_t, std::string_view>>({
    {1, "GroupAdded"},          {2, "GroupRemoved"},   {3, "GroupStatusSet"},
    {4, "ParallelSet"},         {5, "TaskAdded"},      {6, "TaskStashed"},
    {7, "TaskEnqueued"},        {8, "AttemptStarted"}, {9, "AttemptWithdrawn"},
    {10, "TaskPaused"},         {11, "TaskResumed"},   {12, "TaskFinished"},
    {13, "TasksRemoved"},       {14, "TaskLocked"},    {15, "TaskUnlocked"},
    {16, "TaskEdited"},         {17, "TaskRestarted"}, {18, "VariableSet"},
    {19, "VariableUnset"},      {20, "TasksSwitched"}, {21, "FullResetSet"},
    {22, "IdsRestarted"},       {23, "KeeperAdopted"}, {30, "AttemptsForgiven"},
    {31, "HistoryForgotten"},   {32, "StateReplaced"}, {33, "TaskImported"},
    {64, "EnvironmentDefined"}, {65, "Manifest"},      {66, "SnapshotHead"},
    {67, "SnapshotGroup"},      {68, "SnapshotTask"},  {69, "SnapshotEnd"},
    {70, "SnapshotRun"},
});

/// The subset of CBOR that the codec writes, item by item. Stops at the first thing that is not.
class Items {
  public:
    Items(ByteView from, std::string& to) : from_(from), to_(to) {}

    void item(int depth = 0) {
        if (from_.empty() || depth > depth_max) {
            return stop();
        }
        const auto head = static_cast<unsigned char>(from_.front());
        from_.remove_prefix(1);
        std::uint64_t value = head & 0x1fU;
        if (value >= 24 && !wide(value)) {
            return stop();
        }
        switch (head >> 5U) {
            case 0:
                to_ += std::to_string(value);
                return;
            case 1:
                to_ += value == 0 ? "-1" : "-" + std::to_string(value + 1);
                return;
            case 2:
            case 3:
                return string(value);
            case 4:
                return array(value, depth);
            default:
                to_ += head == 0xf5 ? "true" : head == 0xf4 ? "false" : "null";
        }
    }

  private:
    static constexpr int depth_max = 16;

    void stop() {
        if (!std::exchange(stopped_, true)) {
            to_ += "\"…\"";
        }
        from_ = {};
    }

    // Replaces what announces its width by the number itself.
    bool wide(std::uint64_t& value) {
        const std::size_t width = value <= 27 ? std::size_t{1} << (value - 24) : 0;
        if (width == 0 || from_.size() < width) {
            return false;
        }
        value = 0;
        for (std::size_t i = 0; i < width; ++i) {
            value = value << 8U | static_cast<unsigned char>(from_[i]);
        }
        from_.remove_prefix(width);
        return true;
    }

    void string(std::uint64_t size) {
        if (size > from_.size()) {
            return stop();
        }
        const ByteView bytes = from_.substr(0, size);
        from_.remove_prefix(size);
        const bool is_text =
            std::all_of(bytes.begin(), bytes.end(), [](char c) { return c >= ' ' && c != '\x7f'; });
        constexpr std::string_view digits = "0123456789abcdef";
        to_ += is_text ? "\"" : "\"0x";
        for (const char c : bytes) {
            if (is_text) {
                to_ += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
            } else {
                to_ += digits[static_cast<unsigned char>(c) >> 4U];
                to_ += digits[static_cast<unsigned char>(c) & 15U];
            }
        }
        to_ += '"';
    }

    void array(std::uint64_t size, int depth) {
        to_ += '[';
        for (std::uint64_t i = 0; i < size && !stopped_; ++i) {
            to_ += i == 0 ? "" : ",";
            item(depth + 1);
        }
        to_ += ']';
    }

    ByteView from_;
    std::string& to_;
    bool stopped_ = false;
};

}  // namespace

std::string_view name_of_type(std::uint16_t type) {
    const auto* const found = std::find_if(names.begin(), names.end(), [&](const auto& one) {
        return one.first == type;
    });
    return found == names.end() ? "unknown" : found->second;
}

std::string payload_text(std::uint16_t type, ByteView payload) {
    std::string text;
    if (type == environment_type) {
        // [number, bytes]: the number, and how much there is behind it.
        Items(payload.substr(std::min<std::size_t>(1, payload.size())), text).item();
        return "[" + text + ",\"" + std::to_string(payload.size()) + " bytes\"]";
    }
    Items(payload, text).item();
    return text;
}

}  // namespace pueue::journal
