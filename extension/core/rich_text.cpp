// The sanitiser on libgumbo. What it writes holds nothing but allowed elements, quoted attributes and
// escaped text; and it is written until parsing it changes nothing, because text that a browser would
// parse into another tree than ours is where such tools are tricked. Nothing here recurses.
#include "core/rich_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <vector>

#include <gumbo.h>

#include "core/error.hpp"
#include "core/rich_text_cost.hpp"
#include "core/utf8.hpp"

namespace pgwright::core {
namespace {

constexpr std::size_t kMaxNesting = 100;  // elements within elements; deeper ones are unwrapped
constexpr int kMaxRounds = 6;             // until the text is stable; two are the rule

// Allowed elements -----------------------------------------------------------------------------------

enum class Kind : std::uint8_t { link, source, text, number };

struct Attribute {
    std::string_view name;
    Kind kind;
};

constexpr std::array<Attribute, 2> kLink = {{{"href", Kind::link}, {"title", Kind::text}}};
constexpr std::array<Attribute, 5> kImage = {{{"src", Kind::source},
                                              {"alt", Kind::text},
                                              {"title", Kind::text},
                                              {"width", Kind::number},
                                              {"height", Kind::number}}};
constexpr std::array<Attribute, 2> kCell = {{{"colspan", Kind::number}, {"rowspan", Kind::number}}};
constexpr std::array<Attribute, 1> kList = {{{"start", Kind::number}}};

std::span<const Attribute> attributes_of(GumboTag tag) noexcept {
    switch (tag) {
        case GUMBO_TAG_A: return kLink;
        case GUMBO_TAG_IMG: return kImage;
        case GUMBO_TAG_TD:
        case GUMBO_TAG_TH: return kCell;
        case GUMBO_TAG_OL: return kList;
        default: return {};
    }
}

constexpr std::array<GumboTag, 35> kAllowed = {
    GUMBO_TAG_P,          GUMBO_TAG_BR,    GUMBO_TAG_HR,    GUMBO_TAG_H1,     GUMBO_TAG_H2,
    GUMBO_TAG_H3,         GUMBO_TAG_H4,    GUMBO_TAG_H5,    GUMBO_TAG_H6,     GUMBO_TAG_STRONG,
    GUMBO_TAG_B,          GUMBO_TAG_EM,    GUMBO_TAG_I,     GUMBO_TAG_U,      GUMBO_TAG_S,
    GUMBO_TAG_SUB,        GUMBO_TAG_SUP,   GUMBO_TAG_CODE,  GUMBO_TAG_PRE,    GUMBO_TAG_UL,
    GUMBO_TAG_BLOCKQUOTE, GUMBO_TAG_OL,    GUMBO_TAG_LI,    GUMBO_TAG_A,      GUMBO_TAG_IMG,
    GUMBO_TAG_TABLE,      GUMBO_TAG_THEAD, GUMBO_TAG_TBODY, GUMBO_TAG_TR,     GUMBO_TAG_TH,
    GUMBO_TAG_TD,         GUMBO_TAG_SPAN,  GUMBO_TAG_DIV,   GUMBO_TAG_FIGURE, GUMBO_TAG_FIGCAPTION};

// Whose content goes with them: it is no text for a reader, or was parsed by other rules than it would
// be without them.
constexpr std::array<GumboTag, 17> kDropped = {
    GUMBO_TAG_SCRIPT,    GUMBO_TAG_STYLE,   GUMBO_TAG_TEMPLATE, GUMBO_TAG_NOSCRIPT,
    GUMBO_TAG_IFRAME,    GUMBO_TAG_NOEMBED, GUMBO_TAG_NOFRAMES, GUMBO_TAG_XMP,
    GUMBO_TAG_PLAINTEXT, GUMBO_TAG_OBJECT,  GUMBO_TAG_APPLET,   GUMBO_TAG_TITLE,
    GUMBO_TAG_TEXTAREA,  GUMBO_TAG_SELECT,  GUMBO_TAG_SVG,      GUMBO_TAG_MATH,
    GUMBO_TAG_FRAMESET};

template <std::size_t Size>
bool contains(const std::array<GumboTag, Size>& tags, GumboTag tag) noexcept {
    return std::ranges::find(tags, tag) != tags.end();
}

bool is_void(GumboTag tag) noexcept {
    return tag == GUMBO_TAG_BR || tag == GUMBO_TAG_HR || tag == GUMBO_TAG_IMG;
}

// Attribute values -----------------------------------------------------------------------------------

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// As a browser reads it (URL standard, 4.4): controls and spaces around it do not count, tabs and line
// breaks nowhere.
std::string cleaned_url(std::string_view text) {
    std::string url;
    for (const char c : text) {
        if (c != '\t' && c != '\n' && c != '\r') url += c;
    }
    const auto counts = [](char c) { return c != ' ' && !is_control(c); };
    url.erase(url.begin(), std::ranges::find_if(url, counts));
    url.erase(std::find_if(url.rbegin(), url.rend(), counts).base(), url.end());
    return url;
}

// What stands before a colon that comes before every mark of a path, query or fragment.
std::optional<std::string> scheme_of(std::string_view url) {
    const std::size_t end = url.find_first_of(":/?#\\");
    if (end == std::string_view::npos || url[end] != ':') return std::nullopt;
    std::string scheme(url.substr(0, end));
    std::ranges::transform(scheme, scheme.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return scheme;
}

std::optional<std::string> safe_url(std::string_view text, bool is_link) {
    std::string url = cleaned_url(text);
    if (std::ranges::any_of(url, is_control)) return std::nullopt;
    const auto scheme = scheme_of(url);
    const bool web = !scheme || scheme == "http" || scheme == "https";
    const bool contact = is_link && (scheme == "mailto" || scheme == "tel");
    return web || contact ? std::optional(std::move(url)) : std::nullopt;
}

std::optional<std::string> safe_number(std::string_view text) {
    constexpr std::size_t digits = 5;
    const bool number = !text.empty() && text.size() <= digits &&
                        std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    return number ? std::optional<std::string>(text) : std::nullopt;
}

std::optional<std::string> safe_value(Kind kind, std::string_view value) {
    switch (kind) {
        case Kind::link: return safe_url(value, true);
        case Kind::source: return safe_url(value, false);
        case Kind::number: return safe_number(value);
        case Kind::text: break;
    }
    return std::string(value);
}

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\r': out += "&#13;"; break;  // the parser would make it a line feed
            case '\0': break;
            default: out += c;
        }
    }
}

// The parser -----------------------------------------------------------------------------------------

// The parser's memory goes as one: gumbo_destroy_output() would recurse as deep as the tree is.
class Arena {
  public:
    Arena() = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    ~Arena() {
        for (void* const block : blocks_) std::free(block);
    }

    GumboOutput* parse(std::string_view html) {
        GumboOptions options = kGumboDefaultOptions;
        options.allocator = allocate;
        options.deallocator = [](void*, void*) {};
        options.userdata = this;
        options.max_errors = 0;
        options.fragment_context = GUMBO_TAG_BODY;
        return gumbo_parse_with_options(&options, html.data(), html.size());
    }

  private:
    static constexpr std::size_t kBlock = 65536;

    // Called from C, so neither throws nor fails: without memory the process cannot go on.
    static void* allocate(void* self, std::size_t size) noexcept {
        return static_cast<Arena*>(self)->take((size + 15) & ~std::size_t{15});
    }
    void* take(std::size_t size) noexcept {
        if (size > left_) {
            const std::size_t block = std::max(size, kBlock);
            next_ = static_cast<char*>(std::malloc(block));
            if (next_ == nullptr) std::abort();
            blocks_.push_back(next_);
            left_ = block;
        }
        char* const chunk = next_;
        next_ += size;
        left_ -= size;
        return chunk;
    }

    std::vector<void*> blocks_;
    char* next_ = nullptr;
    std::size_t left_ = 0;
};

// The writer -----------------------------------------------------------------------------------------

class Writer {
  public:
    std::string write(const GumboNode* root) {
        push(root, GUMBO_TAG_LAST);
        while (!open_.empty()) {
            Open& top = open_.back();
            const GumboVector& children = top.node->v.element.children;
            if (top.next == children.length) {
                close();
            } else {
                enter(static_cast<const GumboNode*>(children.data[top.next++]));
            }
        }
        return std::move(out_);
    }

  private:
    struct Open {
        const GumboNode* node;
        unsigned next;
        GumboTag tag;  // written and to be closed; LAST: unwrapped
    };

    void push(const GumboNode* node, GumboTag tag) { open_.push_back({node, 0, tag}); }

    void close() {
        const GumboTag tag = open_.back().tag;
        open_.pop_back();
        if (tag == GUMBO_TAG_LAST) return;
        --nesting_;
        out_.append("</").append(gumbo_normalized_tagname(tag)).append(">");
    }

    void enter(const GumboNode* node) {
        switch (node->type) {
            case GUMBO_NODE_TEXT:
            case GUMBO_NODE_WHITESPACE:
            case GUMBO_NODE_CDATA: return append_escaped(out_, node->v.text.text);
            case GUMBO_NODE_ELEMENT: return enter_element(node);
            default: return;  // comments, templates
        }
    }

    void enter_element(const GumboNode* node) {
        const GumboElement& element = node->v.element;
        if (element.tag_namespace != GUMBO_NAMESPACE_HTML || contains(kDropped, element.tag))
            return;
        if (!contains(kAllowed, element.tag)) return push(node, GUMBO_TAG_LAST);
        if (is_void(element.tag)) return start_tag(element);
        if (nesting_ == kMaxNesting) return push(node, GUMBO_TAG_LAST);
        start_tag(element);
        keep_first_line_break(element);
        ++nesting_;
        push(node, element.tag);
    }

    void start_tag(const GumboElement& element) {
        const std::size_t start = out_.size();
        out_.append("<").append(gumbo_normalized_tagname(element.tag));
        bool refers = false;
        for (const Attribute& allowed : attributes_of(element.tag)) {
            const GumboAttribute* const given =
                gumbo_get_attribute(&element.attributes, allowed.name.data());
            if (given == nullptr) continue;
            const auto value = safe_value(allowed.kind, given->value);
            if (!value) continue;
            refers = refers || allowed.kind == Kind::link || allowed.kind == Kind::source;
            out_.append(" ").append(allowed.name).append("=\"");
            append_escaped(out_, *value);
            out_ += '"';
        }
        if (element.tag == GUMBO_TAG_IMG && !refers) return out_.resize(start);
        if (element.tag == GUMBO_TAG_A && refers) out_ += " rel=\"noopener noreferrer\"";
        out_ += '>';
    }

    // The parser drops a line break that follows <pre>: one that stands there needs another before it.
    void keep_first_line_break(const GumboElement& element) {
        if (element.tag != GUMBO_TAG_PRE || element.children.length == 0) return;
        const auto* const first = static_cast<const GumboNode*>(element.children.data[0]);
        const bool is_text = first->type == GUMBO_NODE_TEXT || first->type == GUMBO_NODE_WHITESPACE;
        if (is_text && first->v.text.text[0] == '\n') out_ += '\n';
    }

    std::string out_;
    std::vector<Open> open_;
    std::size_t nesting_ = 0;
};

std::string sanitized_once(std::string_view html) {
    if (auto fault = rich_text_fault(html))
        throw Failure(Code::validation_error, *std::move(fault));
    Arena arena;
    return Writer().write(arena.parse(html)->root);
}

}  // namespace

std::optional<std::string> rich_text_fault(std::string_view html) {
    if (count_characters(html) > kMaxRichTextLength)
        return "must be at most " + std::to_string(kMaxRichTextLength) + " characters";
    if (!is_cheap_to_parse(html)) return "must have fewer elements or attributes";
    return std::nullopt;
}

std::string sanitize_rich_text(std::string_view html) {
    std::string text = sanitized_once(html);
    for (int round = 1; round < kMaxRounds; ++round) {
        std::string again = sanitized_once(text);
        if (again == text) return text;
        text = std::move(again);
    }
    std::string plain;  // its own parse: text holds no element
    append_escaped(plain, text);
    return plain;
}

}  // namespace pgwright::core
