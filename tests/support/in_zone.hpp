// The time zone of this process until the end of a scope; afterwards the system's.
#pragma once

#include <stdlib.h>
#include <time.h>

namespace pueue::support {

class InZone {
  public:
    explicit InZone(const char* name) {
        ::setenv("TZ", name, 1);
        ::tzset();
    }
    ~InZone() {
        ::unsetenv("TZ");
        ::tzset();
    }
    InZone(const InZone&) = delete;
    InZone& operator=(const InZone&) = delete;
};

}  // namespace pueue::support
