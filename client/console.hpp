// The two output streams and the terminal behind them.
//
// Standard output is buffered and goes out in order with standard error: whatever is written to the
// latter pushes the former out first. When standard output cannot be written, OutputFailed is
// thrown, and run() ends the program (quietly if the reader went away). Failures of standard error
// are ignored, there is nobody to tell.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pueue::client {

struct OutputFailed {
    int error_number = 0;
};

class Console {
  public:
    Console() = default;
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;
    virtual ~Console() = default;

    void out(std::string_view text);
    void err(std::string_view text);
    /// Pushes out what is buffered; before anything that may take a while.
    void flush();
    /// One line of standard input without its newline; none at its end.
    [[nodiscard]] virtual std::optional<std::string> read_line() = 0;

    [[nodiscard]] virtual bool out_is_terminal() const = 0;
    /// Whether a person reads what goes to standard error.
    [[nodiscard]] virtual bool err_is_terminal() const = 0;
    /// For tables: the terminal's width if standard output is one.
    [[nodiscard]] virtual std::optional<std::size_t> table_width() const = 0;

  protected:
    /// Returns 0 or an error number.
    virtual int write_out(std::string_view text) = 0;
    virtual void write_err(std::string_view text) = 0;

  private:
    std::string buffered_;
};

/// The real one.
class ProcessConsole final : public Console {
  public:
    [[nodiscard]] std::optional<std::string> read_line() override;
    [[nodiscard]] bool out_is_terminal() const override;
    [[nodiscard]] bool err_is_terminal() const override;
    [[nodiscard]] std::optional<std::size_t> table_width() const override;

  protected:
    int write_out(std::string_view text) override;
    void write_err(std::string_view text) override;
};

/// Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed, so that no socket becomes
/// somebody's standard output; ignores SIGPIPE.
void prepare_standard_streams();

}  // namespace pueue::client
