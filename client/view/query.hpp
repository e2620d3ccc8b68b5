// The query language of `pueue status`: which columns, which tasks, in which order, how many.
//
//   [columns=COL,…] {filter} [order_by COL [asc|desc]] [first|last N]
//
// Blanks may be left out everywhere; keywords have no case. Diagnostics are the original's. A query
// is parsed once and then applied to any number of tasks; both are pure.
#pragma once

#include "client/report.hpp"
#include "protocol/base/clock.hpp"
#include "protocol/model/task.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace pueue::client {

/// The order is that of the table.
enum class Column {
    id,
    status,
    priority,  ///< never named in a query
    enqueue_at,
    dependencies,
    label,
    command,
    path,
    start,
    end,
};

class Query {
  public:
    /// `now` is what a time without a date refers to.
    [[nodiscard]] static Reported<Query> parse(std::string_view text, const WallTime& now);

    /// The columns asked for; none: the usual ones.
    [[nodiscard]] const std::optional<std::vector<Column>>& columns() const { return columns_; }
    /// Filters, then sorts, then limits.
    [[nodiscard]] std::vector<const Task*> apply(std::vector<const Task*> tasks) const;

  private:
    friend class QueryParser;

    using Filter = std::function<bool(const Task&)>;
    struct Order {
        Column column = Column::id;
        bool descending = false;
    };
    struct Limit {
        bool first = true;
        std::uint64_t count = 0;
    };

    void sort(std::vector<const Task*>& tasks) const;

    std::optional<std::vector<Column>> columns_;
    std::vector<Filter> filters_;
    std::optional<Order> order_;
    std::optional<Limit> limit_;
};

}  // namespace pueue::client
