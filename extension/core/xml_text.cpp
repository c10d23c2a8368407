// Escapes of XML; see xml_text.hpp.
#include "core/xml_text.hpp"

namespace pgwright::core {

void append_xml_text(std::string& out, std::string_view utf8) {
    for (const char c : utf8) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\r': out += "&#13;"; break;
            case '\n': out += "&#10;"; break;
            case '\t': out += "&#9;"; break;
            default:
                if (c >= 0 && c < ' ')
                    out += "\xEF\xBF\xBD";
                else
                    out += c;
        }
    }
}

}  // namespace pgwright::core
