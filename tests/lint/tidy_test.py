#!/usr/bin/env python3
"""The rules of tools/tidy.py: what each finds, and what it leaves alone."""

import os
import sys
import unittest

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools")
sys.path.insert(0, TOOLS)

from rules import awaits, calls, compat, includes, inventory, words  # noqa: E402
from rules.source import Tree  # noqa: E402


def lines(rule, text, path="daemon/server/session.cpp", **others):
    """The lines of `text` at which the rule finds something."""
    tree = Tree({path: text, **{name.replace("__", "/"): body for name, body in others.items()}})
    return [finding.line for finding in rule.check(tree) if finding.path == path]


class CodeOnly(unittest.TestCase):
    def test_blanks_comments_and_literals_and_keeps_every_offset(self):
        text = 'a(); // fork()\n/* fork(\n) */ b("fork()", \'"\', R"x(fork()\n)" )x", 1\'000);\n'
        code = Tree({"a.cpp": text}).code("a.cpp")
        self.assertEqual(len(code), len(text))
        self.assertNotIn("fork", code)
        self.assertEqual([i for i, c in enumerate(code) if c == "\n"],
                         [i for i, c in enumerate(text) if c == "\n"])
        self.assertIn("1'000", code)


class Includes(unittest.TestCase):
    def test_allow_own_folder_and_the_folders_below(self):
        text = '#include "daemon/core/event.hpp"\n#include "protocol/base/fd.hpp"\n#include <vector>\n'
        self.assertEqual(lines(includes, text, "daemon/core/on_add.cpp"), [])

    def test_refuse_a_folder_above(self):
        self.assertEqual(lines(includes, '\n#include "daemon/engine.hpp"\n', "daemon/core/a.cpp"), [2])
        self.assertEqual(lines(includes, '#include "protocol/wire/cbor.hpp"', "protocol/model/a.cpp"), [1])
        self.assertEqual(lines(includes, '#include "daemon/core/event.hpp"', "client/main.cpp"), [1])

    def test_give_core_no_door_to_the_system(self):
        for header in ("unistd.h", "sys/types.h", "csignal", "cerrno", "thread", "mutex", "random",
                       "filesystem", "fstream", "iostream", "boost/asio/io_context.hpp"):
            self.assertEqual(lines(includes, f"#include <{header}>", "daemon/core/a.cpp"), [1], header)

    def test_let_runner_and_server_see_the_lists_of_core_only(self):
        self.assertEqual(lines(includes, '#include "daemon/core/event.hpp"', "daemon/runner/a.cpp"), [])
        self.assertEqual(lines(includes, '#include "daemon/core/scheduler.hpp"', "daemon/runner/a.cpp"), [1])

    def test_keep_a_library_in_its_home(self):
        text = "#include <yaml.h>"
        self.assertEqual(lines(includes, text, "protocol/config/yaml_events.cpp"), [])
        self.assertEqual(lines(includes, text, "protocol/config/paths.cpp"), [1])

    def test_refuse_the_asio_umbrella_and_regex_even_in_tests(self):
        text = "#include <boost/asio.hpp>\n#include <regex>\n"
        self.assertEqual(lines(includes, text, "tests/server/session_test.cpp"), [1, 2])

    def test_refuse_paths_that_do_not_start_at_the_root_and_unknown_folders(self):
        self.assertEqual(lines(includes, '#include "event.hpp"', "daemon/core/a.cpp"), [1])
        self.assertEqual(lines(includes, '#include "misc/a.hpp"', "misc/b.cpp"), [1])


class Calls(unittest.TestCase):
    def test_find_each_banned_call_in_product_code(self):
        for call in ("fork()", "::vfork()", "clone(f, s, 0, a)", "posix_spawn(&p, q)", "system(text)",
                     "std::system(text)", "popen(a, b)", "sleep(1)", "usleep(1)",
                     "std::this_thread::sleep_for(1s)", "std::chrono::system_clock::now()",
                     "time(nullptr)", "clock_gettime(a, &b)", "std::getenv(name)", "close(fd)",
                     "::close(fd_)", "sd_bus_call(a, b)", "std::regex(text)", "asio::detached",
                     "syscall(SYS_clone3, a)"):
            self.assertEqual(lines(calls, f"void f() {{\n    x = {call};\n}}\n"), [2], call)
        self.assertEqual(lines(calls, "std::thread worker;"), [1])

    def test_leave_members_declarations_comments_and_literals_alone(self):
        text = ('socket.close(ec); peer->close(1); void close(int fd); stream_.close(); close();\n'
                'auto e = boost::system::error_code{}; tree.clone(x); // fork()\n'
                'log("fork() failed"); WallTime time(other); std::this_thread::get_id();\n')
        self.assertEqual(lines(calls, text), [])

    def test_know_the_homes(self):
        self.assertEqual(lines(calls, "x = clone(a); close(b);", "daemon/keeper/child.cpp"), [])
        self.assertEqual(lines(calls, "::close(fd_);", "protocol/base/fd.cpp"), [])
        self.assertEqual(lines(calls, "std::thread t;", "daemon/journal/disk_thread.hpp"), [])

    def test_let_tests_make_processes_but_not_sleep(self):
        self.assertEqual(lines(calls, "x = fork();\nsleep(1);", "tests/keeper/keeper_test.cpp"), [2])


class Awaits(unittest.TestCase):
    def body(self, statement):
        return lines(awaits, f"asio::awaitable<void> f() {{\n{statement}\n}}\n")

    def test_refuse_braces_in_an_awaited_expression(self):
        for statement in ("co_await f(Opts{name, list});", "auto x = co_await f(g(Opts{name}));",
                          "co_await f({1, 2, 3});", "const Reply r{co_await f()};",
                          "co_return Reply{co_await f()};", "use(Opts{a}, co_await f());",
                          "if (co_await f(Opts{a})) {}", "auto x = y ? Opts{} : co_await f();",
                          "co_await f(std::string{});"):
            self.assertEqual(self.body(statement), [2], statement)

    def test_refuse_lambdas_in_an_awaited_expression(self):
        for statement in ("co_await co_spawn(ex, [x] { return x; }, use_awaitable);",
                          "co_await f([&](int a) mutable -> bool { return a; });",
                          "auto y = co_await f(x, [this]() -> awaitable<void> { co_await g(); });"):
            self.assertEqual(self.body(statement), [2], statement)

    def test_allow_names_literals_calls_and_blocks(self):
        for statement in ("co_await f(name, 1, \"{\", '{', std::move(opts));",
                          "if (co_await f()) { Opts a{1}; } else { g({2}); }",
                          "while (!(co_await f())) { const Opts a{1}; }",
                          "for (;;) { const Result<Bytes> frame = co_await read_frame(stream); }",
                          "Opts a{1}; co_await f(a);", "co_return Reply{1};",
                          "switch (co_await f()) { case 1: { Opts a{}; break; } default: break; }",
                          "try { co_await f(); } catch (...) { g({}); }",
                          "do { Opts a{}; } while (co_await f());",
                          "values[index] = co_await f(table[i], t[j][k]);"):
            self.assertEqual(self.body(statement), [], statement)

    def test_allow_a_lambda_whose_own_body_awaits(self):
        self.assertEqual(self.body("auto run = [this]() -> asio::awaitable<void> {\n"
                                   "    co_await g(a);\n};"), [])
        self.assertEqual(self.body("spawn(name, [this]() -> asio::awaitable<int> {\n"
                                   "    co_await g(Opts{});\n});"), [3])

    def test_look_into_classes_constructors_and_functions_with_trailing_types(self):
        text = ("struct [[nodiscard]] S : public B<int> {\n"
                "    S(int a) : a_(a), b_{a} {}\n"
                "    auto f() -> asio::awaitable<void> {\n"
                "        co_await g(S{1});\n"
                "    }\n"
                "};\n"
                "#define M(x) { x }\n"
                "template <class T> awaitable<T> h(T t) requires C<T> { co_return co_await g(t); }\n")
        self.assertEqual(lines(awaits, text), [4])


class Inventory(unittest.TestCase):
    def test_finds_what_no_cmakelists_names(self):
        tree = Tree({
            "daemon/core/CMakeLists.txt": "pueue_library(x SOURCES a.cpp sub/b.cpp # c.cpp\n)",
            "daemon/core/a.cpp": "", "daemon/core/sub/b.cpp": "", "daemon/core/c.cpp": "",
            "tests/lint/CMakeLists.txt": "add_test(NAME t COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/a_test.py)",
            "tests/lint/a_test.py": "", "tests/lint/b_test.py": "",
            "cmake/asio.cpp": "", "CMakeLists.txt": "add_library(a ${PROJECT_SOURCE_DIR}/cmake/asio.cpp)",
        })
        self.assertEqual([f.path for f in inventory.check(tree)],
                         ["daemon/core/c.cpp", "tests/lint/b_test.py"])


class Compat(unittest.TestCase):
    def test_wants_the_name_of_something_recorded(self):
        known = {"compat-tests/scenarios/recorded/log.txt": "=== log of a failed task\n$ pueue log\n",
                 "tests/golden/client/query.tsv": ""}
        def found(text):
            tree = Tree({"client/a.cpp": text, **known})
            return [finding.line for finding in compat.check(tree)]
        self.assertEqual(found("// Compat: two blanks [log of a failed task]\n"), [])
        self.assertEqual(found("// Compat: long\n// reason [client/query.tsv]\n"), [])
        self.assertEqual(found("int a;\n// Compat: two blanks\n"), [2])
        self.assertEqual(found("// Compat: two blanks [no such thing]\n"), [1])


class Words(unittest.TestCase):
    def test_finds_machine_paths_and_notes_to_self(self):
        for text in ("cd /wor" "k/main", "see /hom" "e/alice/x", "// TO" "DO later", "# FIX" "ME",
                     "Issu" "e 12 says", "// ====" "====", "../share" "d/spec"):
            self.assertEqual(lines(words, "ok\n" + text + "\n"), [2], text)

    def test_leaves_ordinary_text_and_recorded_data_alone(self):
        self.assertEqual(lines(words, "framework/parts, hacking, todos, /tmp/q/data"), [])
        self.assertEqual(lines(words, "TO" "DO", "tests/golden/client/a.tsv"), [])


if __name__ == "__main__":
    unittest.main()
