// libstemmer; see stemmer.hpp.
#include "core/stemmer.hpp"

#include <libstemmer.h>

#include <algorithm>
#include <new>
#include <string>
#include <vector>

namespace pgwright::core {

namespace {

std::vector<std::string_view> list_languages() {
    std::vector<std::string_view> names;
    for (const char** name = sb_stemmer_list(); *name != nullptr; ++name) {
        // An older algorithm for English, which is kept for comparison with others.
        if (std::string_view(*name) != "porter") names.emplace_back(*name);
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace

std::span<const std::string_view> search_languages() {
    static const std::vector<std::string_view> names = list_languages();
    return names;
}

bool is_search_language(std::string_view name) {
    return std::ranges::binary_search(search_languages(), name);
}

void Stemmer::Delete::operator()(sb_stemmer* stemmer) const noexcept { sb_stemmer_delete(stemmer); }

Stemmer::Stemmer(std::string_view language)
    : stemmer_(sb_stemmer_new(std::string(language).c_str(), "UTF_8")) {
    if (stemmer_ == nullptr) throw std::bad_alloc();
}

std::string_view Stemmer::stem(std::string_view word) const {
    const auto* const given = reinterpret_cast<const sb_symbol*>(word.data());
    const sb_symbol* const found =
        sb_stemmer_stem(stemmer_.get(), given, static_cast<int>(word.size()));
    if (found == nullptr) throw std::bad_alloc();
    return {reinterpret_cast<const char*>(found),
            static_cast<std::size_t>(sb_stemmer_length(stemmer_.get()))};
}

}  // namespace pgwright::core
