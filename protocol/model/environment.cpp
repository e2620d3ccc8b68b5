#include "protocol/model/environment.hpp"

#include <algorithm>

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

// Requires: `from` begins with a text string made by append_text. Removes it.
std::string_view take_text(std::string_view& from) {
    const auto info = static_cast<unsigned char>(from.front()) & 0x1fU;
    const std::size_t width = info < 24 ? 0 : std::size_t{1} << (info - 24);
    std::size_t size = info;
    if (width > 0) {
        size = 0;
        for (std::size_t i = 1; i <= width; ++i) {
            size = size << 8 | static_cast<unsigned char>(from[i]);
        }
    }
    const std::string_view text = from.substr(1 + width, size);
    from.remove_prefix(1 + width + size);
    return text;
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
    for (std::size_t i = 0; i < variables.size(); ++i) {
        if (i + 1 < variables.size() && variables[i].first == variables[i + 1].first) {
            continue;
        }
        append_text(made->encoded_, variables[i].first);
        append_text(made->encoded_, variables[i].second);
        ++made->size_;
    }
    made->encoded_.shrink_to_fit();
    made->hash_ = std::hash<std::string_view>{}(made->encoded_);
    return made;
}

const EnvironmentPtr& Environment::empty() {
    static const EnvironmentPtr none = of({});
    return none;
}

std::vector<Environment::Variable> Environment::variables() const {
    std::vector<Variable> all;
    all.reserve(size_);
    for (std::string_view rest = encoded_; !rest.empty();) {
        const std::string_view name = take_text(rest);
        all.emplace_back(name, take_text(rest));
    }
    return all;
}

bool Environment::contains(std::string_view name) const {
    const std::vector<Variable> all = variables();
    return std::any_of(all.begin(), all.end(), [&](const Variable& v) { return v.first == name; });
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
