#!/bin/bash
# Purity as a link fact: what an archive leaves undefined is all it can reach outside itself.
#   purity.sh core ARCHIVE…     together they need memory, strings and throw helpers, nothing else
#   purity.sh keeper ARCHIVE…   together they need what libc defines, nothing of libstdc++
#   purity.sh --prove KIND SOURCE
#       shows that the check can fail: compiles copies of SOURCE, as it is and with calls added that
#       break the rule; each of these must be named. Compiler: $CXX, default g++.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "$0")/.." && pwd)
compiler=${CXX:-g++}

# Names of objects, not calls: what the compiler itself adds, sanitizers included.
compiler_made='^(_GLOBAL_OFFSET_TABLE_$|__dso_handle$|__stack_chk_fail$|__([almt]san|ubsan|sanitizer)_)'

core_allowed=(
    # memory and strings
    'operator (new|delete)(\[\])?\(' 'std::nothrow$'
    'mem(cpy|cmp|move|set|chr)$' 'str(len|cmp)$' 'strncpy$' 'strerror_r$' 'vsnprintf$' '__(mem|str|vsn)[a-z]+_chk$'
    'std::allocator<' 'std::__cxx11::basic_string<char' 'std::basic_string_view<char' 'std::__cxx11::to_string' 'std::_Hash_bytes'
    # the out-of-line parts of containers and shared_ptr
    'std::__detail::_' 'std::_Rb_tree_' 'std::_Sp_' 'std::__libc_single_threaded' '__libc_single_threaded$'
    'std::(from|to)_chars' 'std::__(from|to)_chars'
    # throwing, catching, ending
    'std::__throw_' 'std::terminate\(\)' 'std::__glibcxx_assert_fail' '_Unwind_Resume$' '__gxx_personality_v0$'
    '__cxa_(allocate_exception|free_exception|throw|rethrow|begin_catch|end_catch|get_exception_ptr)$'
    '__cxa_(throw_bad_array_new_length|bad_cast|pure_virtual|guard_[a-z]+|atexit|init_primary_exception)$'
    'std::(bad_[a-z_]+|[a-z_]+_error|exception)::' '(typeinfo|vtable|typeinfo name) for '
    # the floor: errors and bug reports, no clock, no descriptor
    'pueue::(invalid|os_error|quoted|check_failed|throw_exception_from_error|Error::in)(\[abi:cxx11\])?\('
)

undefined_of() {
    local defined
    defined=$(mktemp)
    nm --defined-only "$@" | awk 'NF == 3 { print $3 }' | sort -u >"$defined"
    nm --undefined-only "$@" | awk 'NF == 2 { print $2 }' | sort -u | comm -23 - "$defined"
    rm -f "$defined"
}

strangers_of_core() {
    local pattern
    pattern="^($(IFS='|'; echo "${core_allowed[*]}"))"
    undefined_of "$@" | c++filt | { grep -Ev "$compiler_made" || true; } | { grep -Ev "$pattern" || true; }
}

strangers_of_keeper() {
    local libc
    libc=$("$compiler" -print-file-name=libc.so.6)
    undefined_of "$@" | { grep -Ev "$compiler_made" || true; } |
        comm -23 - <(nm -D --defined-only --without-symbol-versions "$libc" | awk '{ print $3 }' | sort -u) | c++filt
}

check() {
    local kind=$1 strangers
    shift
    strangers=$("strangers_of_$kind" "$@")
    if [ -n "$strangers" ]; then
        sed "s/^/purity: $kind must not need: /" <<<"$strangers"
        return 1
    fi
}

# kind -> a function to append, and the names that must come up
declare -A sins=(
    [core]='#include <chrono>
#include <cstdlib>
#include <unistd.h>
#include "protocol/base/clock.hpp"
long pueue_sin() {
    return ::getpid() + (std::getenv("HOME") != nullptr) + ::close(9) + pueue::read_clock().wall.seconds +
           std::chrono::system_clock::now().time_since_epoch().count();
}'
    [keeper]='#include <string>
#include <stdexcept>
std::string pueue_sin(const char* text) {
    if (text == nullptr) { throw std::runtime_error(text); }
    return std::string(text) + text;
}'
)
declare -A named=(
    [core]='getpid getenv close pueue::read_clock() std::chrono::_V2::system_clock::now()'
    [keeper]='__cxa_throw std::runtime_error::runtime_error'
)

prove() {
    local kind=$1 source=$2 sin output
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    cp "$root/$source" "$scratch/innocent.cpp"
    { cat "$root/$source"; echo "${sins[$kind]}"; } >"$scratch/sinner.cpp"
    for name in innocent sinner; do
        "$compiler" -std=c++20 -I"$root" -w -c "$scratch/$name.cpp" -o "$scratch/$name.o"
    done
    # Its siblings are not here: only what they do not define counts.
    undefined_of "$scratch/innocent.o" | c++filt >"$scratch/known"
    output=$(check "$kind" "$scratch/sinner.o" | sed 's/.*must not need: //' | grep -Fxv -f "$scratch/known" || true)
    for sin in ${named[$kind]}; do
        if ! grep -qF -- "$sin" <<<"$output"; then
            echo "purity: a $kind that needs $sin was let through" >&2
            return 1
        fi
        echo "purity: $kind with $sin added: found"
    done
}

case ${1-} in
core | keeper) check "$@" ;;
--prove) prove "$2" "$3" ;;
*) sed -n '2,7s/^# //p' "$0" >&2; exit 2 ;;
esac
