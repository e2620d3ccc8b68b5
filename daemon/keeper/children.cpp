#include "daemon/keeper/children.hpp"

#include <cstdlib>
#include <new>

namespace pueue::keeper {

namespace {

template <Child* Child::*Next>
void unlink(Child** link, const Child& child) {
    while (*link != nullptr && *link != &child) {
        link = &((*link)->*Next);
    }
    if (*link != nullptr) {
        *link = child.*Next;
    }
}

}  // namespace

std::size_t Children::bucket(const Key& key) {
    return (key.task + std::uint64_t{key.attempt} * 31) % buckets;
}

Child* Children::add(const Key& key) {
    void* memory = std::malloc(sizeof(Child));
    if (memory == nullptr) {
        return nullptr;
    }
    Child* child = new (memory) Child;
    child->key = key;
    Child*& first = by_key_[bucket(key)];
    child->next_by_key = first;
    first = child;
    return child;
}

void Children::set_pid(Child& child, pid_t pid) {
    child.pid = pid;
    Child*& first = by_pid_[bucket(pid)];
    child.next_by_pid = first;
    first = &child;
}

void Children::forget_pid(Child& child) {
    unlink<&Child::next_by_pid>(&by_pid_[bucket(child.pid)], child);
}

void Children::remove(Child& child) {
    unlink<&Child::next_by_key>(&by_key_[bucket(child.key)], child);
    std::free(&child);
}

Child* Children::find(const Key& key) const {
    Child* child = by_key_[bucket(key)];
    while (child != nullptr && !(child->key == key)) {
        child = child->next_by_key;
    }
    return child;
}

Child* Children::find(pid_t pid) const {
    Child* child = by_pid_[bucket(pid)];
    while (child != nullptr && child->pid != pid) {
        child = child->next_by_pid;
    }
    return child;
}

}  // namespace pueue::keeper
