#include "protocol/model/environment.hpp"

#include "protocol/base/hash.hpp"

#include <algorithm>
#include <optional>

namespace pueue {

namespace {

// The two CBOR facts this file needs: how long a text string is announced, and how to read that
// again. Always definite and shortest, so equal environments are equal bytes.
void append_text(std::string& to, std::string_view text) {
    const std::uint64_t size = text.size();
    const auto head = [&](unsigned char info, int bytes) {
        to.push_back(static_cast<char>(0x60 | info));
        for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
            to.push_back(static_cast<char>(size >> shift));
        }
    };
    if (size < 24) {
        to.push_back(static_cast<char>(0x60 | size));
    } else if (size <= 0xff) {
        head(24, 1);
    } else if (size <= 0xffff) {
        head(25, 2);
    } else if (size <= 0xffffffff) {
        head(26, 4);
    } else {
        head(27, 8);
    }
    to.append(text);
}

// Removes a text string from the front of `from`; none if there is none.
std::optional<std::string_view> take_text(std::string_view& from) {
    if (from.empty() || (static_cast<unsigned char>(from.front()) & 0xe0U) != 0x60) {
        return std::nullopt;
    }
    const auto info = static_cast<unsigned char>(from.front()) & 0x1fU;
    const std::size_t width = info < 24 ? 0 : std::size_t{1} << (info - 24);
    if (info > 27 || from.size() < 1 + width) {
        return std::nullopt;
    }
    std::size_t size = info;
    if (width > 0) {
        size = 0;
        for (std::size_t i = 1; i <= width; ++i) {
            size = size << 8 | static_cast<unsigned char>(from[i]);
        }
    }
    if (size > from.size() - 1 - width) {
        return std::nullopt;
    }
    const std::string_view text = from.substr(1 + width, size);
    from.remove_prefix(1 + width + size);
    return text;
}

// The pairs of any bytes; none if the bytes are not whole pairs of text strings.
std::optional<std::vector<Environment::Variable>> pairs_of(std::string_view encoded) {
    std::vector<Environment::Variable> all;
    while (!encoded.empty()) {
        const std::optional<std::string_view> name = take_text(encoded);
        const std::optional<std::string_view> value = take_text(encoded);
        if (!name || !value) {
            return std::nullopt;
        }
        all.emplace_back(*name, *value);
    }
    return all;
}

bool is_set_by_daemon(const Environment::Variable& variable) {
    return variable.first == group_variable || variable.first == worker_variable;
}

}  // namespace

EnvironmentPtr Environment::of(std::vector<Variable> variables) {
    std::stable_sort(variables.begin(), variables.end(), [](const Variable& a, const Variable& b) {
        return a.first < b.first;
    });
    std::size_t bytes = 0;
    for (const auto& [name, value] : variables) {
        bytes += name.size() + value.size() + 6;
    }
    std::shared_ptr<Environment> made(new Environment);
    made->encoded_.reserve(bytes);
    std::size_t hash = 0;
    for (std::size_t i = 0; i < variables.size(); ++i) {
        if (i + 1 < variables.size() && variables[i].first == variables[i + 1].first) {
            continue;
        }
        const std::size_t begin = made->encoded_.size();
        append_text(made->encoded_, variables[i].first);
        append_text(made->encoded_, variables[i].second);
        ++made->size_;
        if (!is_set_by_daemon(variables[i])) {
            const std::string_view pair = std::string_view(made->encoded_).substr(begin);
            hash = combined_hash(hash, std::hash<std::string_view>{}(pair));
        }
    }
    made->encoded_.shrink_to_fit();
    made->hash_ = hash;
    return made;
}

const EnvironmentPtr& Environment::empty() {
    static const EnvironmentPtr none = of({});
    return none;
}

EnvironmentPtr Environment::from_encoded(ByteView bytes) {
    const std::optional<std::vector<Variable>> variables = pairs_of(bytes);
    if (!variables) {
        return nullptr;
    }
    // Another order, a longer head or a name that occurs twice would come out differently.
    const EnvironmentPtr made = of(*variables);
    return made->encoded() == bytes ? made : nullptr;
}

std::vector<Environment::Variable> Environment::variables() const {
    return pairs_of(encoded_).value();
}

bool Environment::contains(std::string_view name) const {
    const std::vector<Variable> all = variables();
    return std::any_of(all.begin(), all.end(), [&](const Variable& v) { return v.first == name; });
}

bool Environment::is_same_submission(const Environment& other) const {
    if (hash_ != other.hash_) {
        return false;
    }
    std::vector<Variable> ours = variables();
    std::vector<Variable> theirs = other.variables();
    std::erase_if(ours, is_set_by_daemon);
    std::erase_if(theirs, is_set_by_daemon);
    return ours == theirs;
}

EnvironmentPtr Environment::with(std::string_view name, std::string_view value) const {
    std::vector<Variable> all = variables();
    all.emplace_back(name, value);
    return of(std::move(all));
}

EnvironmentPtr Environment::without(std::string_view name) const {
    std::vector<Variable> all = variables();
    std::erase_if(all, [&](const Variable& v) { return v.first == name; });
    return of(std::move(all));
}

EnvironmentPtr EnvironmentPool::intern(EnvironmentPtr environment) {
    const auto [begin, end] = known_.equal_range(environment->hash());
    for (auto candidate = begin; candidate != end; ++candidate) {
        if (EnvironmentPtr alive = candidate->second.lock(); alive && *alive == *environment) {
            return alive;
        }
    }
    // Dead entries go when the table has doubled, so the sweep is paid for by the insertions before
    // it.
    if (known_.size() >= sweep_at_) {
        std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
        sweep_at_ = std::max<std::size_t>(64, known_.size() * 2);
    }
    known_.emplace(environment->hash(), environment);
    return environment;
}

}  // namespace pueue
