// The reader, asked for things in an order that the input itself decides: it never reads behind the
// end, never goes back, and stays failed once it has failed.
#include "protocol/wire/cbor.hpp"

#include "tests/fuzz/fuzz_target.hpp"

#include <string_view>

using namespace pueue;

namespace {

class Questions {
  public:
    Questions(ByteView questions, wire::Reader& in) : questions_(questions), in_(in) {}

    // Answers up to `most` questions at one level of nesting.
    void ask(int most) {
        while (most-- > 0 && !questions_.empty()) {
            const std::size_t before = in_.rest().size();
            const bool had_failed = in_.failed();
            const char question = questions_.front();
            questions_.remove_prefix(1);
            ask_one(question);
            PUEUE_CHECK(in_.rest().size() <= before);
            PUEUE_CHECK(!had_failed || in_.failed());
            PUEUE_CHECK(in_.failed() == !in_.error_text().empty());
        }
    }

  private:
    void ask_one(char question) {
        switch (static_cast<unsigned char>(question) % 12) {
            case 0:
                static_cast<void>(in_.u64());
                break;
            case 1:
                static_cast<void>(in_.i64());
                break;
            case 2:
                static_cast<void>(in_.boolean());
                break;
            case 3:
                static_cast<void>(in_.take_null());
                break;
            case 4:
                texts_ += in_.text().size();
                break;
            case 5:
                texts_ += in_.short_text().size() + in_.name().size();
                break;
            case 6:
                texts_ += in_.bytes().size();
                break;
            case 7:
                for (auto items = in_.array(); items.next();) {
                    ask(2);
                    if (questions_.empty()) {
                        break;
                    }
                }
                break;
            case 8:
                for (auto pairs = in_.map(); pairs.next();) {
                    ask(2);
                    if (questions_.empty()) {
                        break;
                    }
                }
                break;
            case 9: {
                std::string_view name;
                const auto inside = in_.variant(name);
                ask(1);
                break;
            }
            case 10: {
                auto fields = in_.variant_fields("something else");
                if (fields.next()) {
                    ask(2);
                }
                break;
            }
            default:
                in_.skip();
        }
    }

    ByteView questions_;
    wire::Reader& in_;
    std::size_t texts_ = 0;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = fuzz::view_of(data, size);
    const std::size_t half = size / 2;
    wire::Reader in(input.substr(half));
    Questions(input.substr(0, half), in).ask(1000);

    wire::Reader whole(input);
    whole.skip();
    PUEUE_CHECK(wire::is_well_formed(input) == !whole.failed());
    return 0;
}
