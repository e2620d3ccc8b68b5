// A daemon and a console without a process behind them, for the tests of commands.
#pragma once

#include "client/client.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/frame.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pueue::client::test {

/// What a connection carried, and what it will answer.
struct Script {
    std::string to_client;  ///< bytes still to be read by the client, then the end
    std::string from_client;
    std::size_t read_bytes_max = 4096;  ///< at once

    void answer(const wire::Response& response) {
        to_client += wire::frame(wire::encode_response(response));
    }
    void answer_raw(ByteView payload) { to_client += wire::frame(payload); }

    /// Everything the client sent behind the secret.
    [[nodiscard]] std::vector<wire::Request> requests() const {
        wire::FrameReader reader(std::size_t{1} << 20);
        reader.feed(from_client);
        std::vector<wire::Request> requests;
        bool is_secret = true;
        for (;;) {
            auto next = reader.next();
            if (next.has_error() || !next->has_value()) {
                return requests;
            }
            if (!std::exchange(is_secret, false)) {
                requests.push_back(wire::decode_request(**next).value());
            }
        }
    }
};

class ScriptedChannel final : public Channel {
  public:
    explicit ScriptedChannel(Script& script) : script_(script) {}

    Result<std::size_t> read(std::span<char> room) override {
        const std::size_t size =
            std::min({room.size(), script_.to_client.size(), script_.read_bytes_max});
        std::memcpy(room.data(), script_.to_client.data(), size);
        script_.to_client.erase(0, size);
        return size;
    }
    Result<> write(ByteView header, ByteView payload) override {
        script_.from_client += std::string(header) + std::string(payload);
        return {};
    }

  private:
    Script& script_;
};

class CapturedConsole final : public Console {
  public:
    std::string printed_out;
    std::string printed_err;
    std::deque<std::string> input;
    std::optional<std::size_t> width;
    bool person_reads_err = false;
    int out_error = 0;

    std::optional<std::string> read_line() override {
        if (input.empty()) {
            return std::nullopt;
        }
        std::string line = input.front();
        input.pop_front();
        return line;
    }
    [[nodiscard]] bool out_is_terminal() const override { return width.has_value(); }
    [[nodiscard]] bool err_is_terminal() const override { return person_reads_err; }
    [[nodiscard]] std::optional<std::size_t> table_width() const override { return width; }

  protected:
    int write_out(std::string_view text) override {
        printed_out += text;
        return out_error;
    }
    void write_err(std::string_view text) override { printed_err += text; }
};

}  // namespace pueue::client::test
