// Word stems by the Snowball algorithms (libstemmer): "running" and "runs" have one, "run".
#pragma once

#include <memory>
#include <span>
#include <string_view>

struct sb_stemmer;

namespace pgwright::core {

// The languages that an entity's texts can be in, by their English names in lower case, in alphabetical
// order: "arabic", "danish", ...
std::span<const std::string_view> search_languages();
bool is_search_language(std::string_view name);

class Stemmer {
  public:
    // One of search_languages().
    explicit Stemmer(std::string_view language);

    // Of a word in lower case, composed (NFC) UTF-8. Valid until the next call.
    [[nodiscard]] std::string_view stem(std::string_view word) const;

  private:
    struct Delete {
        void operator()(sb_stemmer* stemmer) const noexcept;
    };
    std::unique_ptr<sb_stemmer, Delete> stemmer_;
};

}  // namespace pgwright::core
