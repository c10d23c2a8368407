// The sanitiser of rich text: what passes, what is dropped, and that nothing that runs gets through.
#include <catch2/catch.hpp>

#include "core/error.hpp"
#include "core/rich_text.hpp"
#include "core/rich_text_cost.hpp"

using namespace pgwright::core;

namespace {

std::string repeat(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

std::string without_values(const std::string& tag) {
    std::string names;
    bool quoted = false;
    for (const char c : tag) {
        if (c == '"') quoted = !quoted;
        if (!quoted) names += c;
    }
    return names;
}

// Nothing in it but tags of ours: each '<' begins an allowed element and no attribute runs anything.
bool is_harmless(const std::string& html) {
    const std::string text = lower(html);
    for (const auto* bad : {"<script", "<svg", "<math", "<iframe", "<object", "<embed", "<style",
                            "<link", "<meta", "<base", "<form", "<input", "<template", "<!--"}) {
        if (text.find(bad) != std::string::npos) return false;
    }
    for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
        const std::string tag = text.substr(at, text.find('>', at) - at);
        const std::string names = without_values(tag);
        for (const auto* bad : {" on", " style", " srcdoc"}) {
            if (names.find(bad) != std::string::npos) return false;
        }
        for (const auto* bad : {"=\"javascript:", "=\"vbscript:", "=\"data:"}) {
            if (tag.find(bad) != std::string::npos) return false;
        }
    }
    return true;
}

}  // namespace

TEST_CASE("what an editor writes comes back as it was", "[rich_text]") {
    for (const auto* html : {
             "<p>Hello <strong>world</strong>, <em>how</em> <u>are</u> <s>you</s>?</p>",
             "<h1>1</h1><h2>2</h2><h3>3</h3><h4>4</h4><h5>5</h5><h6>6</h6>",
             "<ul><li>a</li><li>b<ol start=\"3\"><li>c</li></ol></li></ul>",
             "<blockquote>said<br>so</blockquote><hr><pre><code>if (a &lt; b) { }\n</code></pre>",
             "<table><thead><tr><th colspan=\"2\">h</th></tr></thead><tbody><tr><td>1</td>"
             "<td rowspan=\"1\">2</td></tr></tbody></table>",
             "<figure><img src=\"https://a.example/i.png\" alt=\"An &quot;i&quot;\" width=\"10\" "
             "height=\"20\"><figcaption>x<sub>1</sub><sup>2</sup></figcaption></figure>",
             "<div><span>Grüße, 世界 😀</span></div>",
             "plain &amp; simple &lt;text&gt;",
             "<pre>\n\nfirst line empty</pre>",
             "",
         }) {
        CHECK(sanitize_rich_text(html) == html);
    }
}

TEST_CASE("links say that they neither open us nor tell where one came from", "[rich_text]") {
    CHECK(
        sanitize_rich_text(
            R"(<a href="https://a.example/?a=1&b=2" title="t" target="_blank" rel="opener">x</a>)") ==
        R"(<a href="https://a.example/?a=1&amp;b=2" title="t" rel="noopener noreferrer">x</a>)");
    for (const auto* good : {"http://a.example", "mailto:a@b.example", "tel:+491234", "/path",
                             "#top", "?q=1", "a/b.html", "//a.example/x", "a?b=javascript:1"}) {
        const std::string made = sanitize_rich_text("<a href=\"" + std::string(good) + "\">x</a>");
        CHECK(made == "<a href=\"" + std::string(good) + "\" rel=\"noopener noreferrer\">x</a>");
    }
    CHECK(sanitize_rich_text("<img src=\"mailto:a@b.example\">") == "");
}

TEST_CASE("an address of any other scheme goes, however it is spelled", "[rich_text]") {
    for (const auto* bad : {"javascript:alert(1)",
                            "JaVaScRiPt:alert(1)",
                            " javascript:alert(1)",
                            "java\tscript:alert(1)",
                            "java\nscript:alert(1)",
                            "java&#9;script:alert(1)",
                            "java&Tab;script:alert(1)",
                            "java&NewLine;script:alert(1)",
                            "&#106;avascript:alert(1)",
                            "&#x6A;avascript&#58;alert(1)",
                            "javascript&colon;alert(1)",
                            "&#1;javascript:alert(1)",
                            "\x01javascript:alert(1)",
                            "java\x01script:alert(1)",
                            "jav&#x0D;ascript:alert(1)",
                            "&#xA0;javascript:alert(1)",
                            "vbscript:x",
                            "data:text/html,<script>alert(1)</script>",
                            "data:text/html;base64,PHNjcmlwdD4=",
                            "blob:x",
                            "file:///etc/passwd",
                            "feed:javascript:x",
                            "view-source:x",
                            "javascript&#0000058alert(1)",
                            "ftp://a.example"}) {
        INFO(bad);
        CHECK(sanitize_rich_text("<a href=\"" + std::string(bad) + "\">x</a>") == "<a>x</a>");
        CHECK(sanitize_rich_text("<img src=\"" + std::string(bad) + "\">") == "");
    }
}

TEST_CASE("elements that are not known leave their text", "[rich_text]") {
    CHECK(sanitize_rich_text(
              "<section><p>a <font color=red>b</font> <blink>c</blink></p></section>") ==
          "<p>a b c</p>");
    CHECK(sanitize_rich_text("<form action=x><button>press</button><input value=y></form>") ==
          "press");
    CHECK(sanitize_rich_text("<p class=x id=y style=\"color:red\" data-z=1>a</p>") == "<p>a</p>");
}

TEST_CASE("what is no text for a reader goes with its content", "[rich_text]") {
    CHECK(sanitize_rich_text("a<script>alert(1)</script>b<style>p{}</style>c") == "abc");
    CHECK(sanitize_rich_text("a<!-- <b>b</b> --><![CDATA[c]]><?php d ?><!doctype e>f") == "af");
    CHECK(sanitize_rich_text("a<svg><a href=\"javascript:x\"><text>b</text></a></svg>c") == "ac");
    CHECK(sanitize_rich_text("a<math><mi>b</mi></math>c<template><p>d</p></template>e") == "ace");
    CHECK(sanitize_rich_text("a<iframe src=x>b</iframe>c<noscript><p>d</p></noscript>e") == "ace");
    CHECK(sanitize_rich_text("a<textarea><b>b</b></textarea><xmp><b>c</b></xmp>d") == "ad");
}

TEST_CASE("broken mark-up is mended", "[rich_text]") {
    CHECK(sanitize_rich_text("<b>a<i>b</b>c") == "<b>a<i>b</i></b><i>c</i>");
    CHECK(sanitize_rich_text("<p>a<p>b<div>c") == "<p>a</p><p>b</p><div>c</div>");
    CHECK(sanitize_rich_text("a < b > c & d") == "a &lt; b &gt; c &amp; d");
    CHECK(sanitize_rich_text("a<") == "a&lt;");
    CHECK(sanitize_rich_text("</p>") == "<p></p>");
    CHECK(sanitize_rich_text("<img src=\"x") == "");
    CHECK(sanitize_rich_text(std::string("a\0b<b\0>c</b>", 12)).find('\0') == std::string::npos);
    CHECK(sanitize_rich_text("<td>a</td>") == "a");
}

TEST_CASE("nothing that runs gets through, and a second pass changes nothing", "[rich_text]") {
    for (const auto* attack : {
             "<img src=x onerror=alert(1)>",
             "<img src=x:x onerror=alert(1)//",
             "<IMG SRC=\"javascript:alert('XSS');\">",
             "<IMG \"\"\"><SCRIPT>alert(1)</SCRIPT>\">",
             "<img/src=`x`onerror=alert(1)>",
             "<a onmouseover=\"alert(1)\" href=\"#\">x</a>",
             "<a href=\"x\" onclick=alert(1)//\">x</a>",
             "<p/onclick=alert(1)>x</p>",
             "<p \x0Conclick=alert(1)>x</p>",
             "<scr<script>ipt>alert(1)</scr</script>ipt>",
             "<<script>alert(1);//<</script>",
             "<script/src=//a.example/x>",
             "<script\n>alert(1)</script\n>",
             "<svg/onload=alert(1)>",
             "<svg><script>alert(1)</script></svg>",
             "<svg><style><img src=x onerror=alert(1)></style></svg>",
             "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
             "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 "
             "onerror=alert(1)&gt;\">",
             "<math><annotation-xml "
             "encoding=\"text/html\"><script>alert(1)</script></annotation-xml></math>",
             "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
             "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
             "<textarea><p title=\"</textarea><img src=x onerror=alert(1)>\">",
             "<title><p title=\"</title><img src=x onerror=alert(1)>\">",
             "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">",
             "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
             "<object data=\"data:text/html,<script>alert(1)</script>\"></object>",
             "<embed src=javascript:alert(1)>",
             "<base href=\"javascript:alert(1)//\">",
             "<link rel=stylesheet href=javascript:alert(1)>",
             "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
             "<body onload=alert(1)>",
             "<html><head><script>alert(1)</script></head><body onload=alert(1)>x</body></html>",
             "<input autofocus onfocus=alert(1)>",
             "<details open ontoggle=alert(1)>x</details>",
             "<video><source onerror=alert(1)></video>",
             "<marquee onstart=alert(1)>x</marquee>",
             "<div style=\"background:url(javascript:alert(1))\">x</div>",
             "<div style=\"width:expression(alert(1))\">x</div>",
             "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
             "<![CDATA[<script>alert(1)</script>]]>",
             "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
             "<comment><img src=\"</comment><img src=x onerror=alert(1)//\">",
             "&lt;script&gt;alert(1)&lt;/script&gt;",
             "<a href=\"jav&#x61;script:alert(1)\">x</a>",
             "<a href='javascript:alert(1)'\"'>x</a>",
             "<a href=javascript&colon;alert(1)>x</a>",
             "<a title=\"&quot; onclick=&quot;alert(1)\">x</a>",
             "<img alt=\"x\" title='\" onerror=\"alert(1)' src=x>",
             "<table><td background=\"javascript:alert(1)\">x</table>",
             "<table><a href=\"javascript:alert(1)\">x<tr><td><a href=y>z",
             "<p><svg><foreignObject><p>x</p></foreignObject></svg></p>",
             "<p><button><p>x</p></button></p>",
             "<a><table><tr><td><a>x</a></td></tr></table></a>",
             "<template><script>alert(1)</script></template>",
             "<plaintext><script>alert(1)</script>",
             "<select><img src=x onerror=alert(1)></select>",
             "<frameset onload=alert(1)><frame src=javascript:alert(1)></frameset>",
             "\xC0\xBCscript>alert(1)</script>",
             "<b <script>alert(1)</script>x</b>",
             "<x onclick=alert(1) src=a>y",
             "<pre>\n\n\n&#13;x</pre>",
             "<li><p><li><table><li><b><p></table>",
             "<h1><h2><section><h3></h1>x",
         }) {
        INFO(attack);
        const std::string once = sanitize_rich_text(attack);
        CHECK(is_harmless(once));
        CHECK(sanitize_rich_text(once) == once);
    }
}

TEST_CASE("depth costs neither stack nor time", "[rich_text]") {
    const std::string deep = repeat("<div>", 3000) + "x" + repeat("</div>", 3000);
    const std::string made = sanitize_rich_text(deep);
    CHECK(made == repeat("<div>", 100) + "x" + repeat("</div>", 100));
    CHECK(sanitize_rich_text(repeat("<p>some text of a paragraph</p>", 4000)).size() == 31U * 4000);
}

TEST_CASE("text that would cost the parser too much is not parsed", "[rich_text]") {
    CHECK(is_cheap_to_parse(repeat("<p>words <b>in</b> <a href=\"x\">line</a></p>", 3000)));
    const std::string text = repeat("x", 900'000);
    CHECK_FALSE(is_cheap_to_parse(repeat("<span>", 10000) + text));  // a deep stack
    CHECK_FALSE(is_cheap_to_parse(repeat("<span>", 5000) + repeat("</x>", 200'000)));
    CHECK_FALSE(
        is_cheap_to_parse("<!--" + repeat("<span>", 10000) + "-->" + text));  // whatever it is
    CHECK_FALSE(is_cheap_to_parse("<p " + repeat("a ", 200) + ">"));  // attributes to compare
    CHECK_FALSE(is_cheap_to_parse("<q x=\"<p " + repeat("a ", 200) + ">\">"));
    std::string fonts = "<p>";  // to be opened again
    for (int i = 0; i < 500; ++i) fonts += "<b a=" + std::to_string(i) + ">";
    CHECK_FALSE(is_cheap_to_parse(fonts + repeat("</p><p>x", 1000)));
    CHECK_THROWS_AS(sanitize_rich_text(repeat("<span>", 10000) + text), Failure);
    CHECK_THROWS_AS(sanitize_rich_text(repeat("x", kMaxRichTextLength + 1)), Failure);
    CHECK_THROWS_AS(sanitize_rich_text(repeat("&", 300'000)), Failure);  // of what it becomes
    CHECK(sanitize_rich_text(repeat("é", 100'000)).size() == 200'000);
}
