"""The findings in words: what is the matter, and what to do. In Vietnamese for those on duty, and in English.

They stand here and not in the page, so that the page, `sms-service status` and whoever reads `/api/stats` are told the same.
"""

from __future__ import annotations

from typing import Final

import msgspec

from sms_service.ops.verdict import Finding, Level

LANGUAGES: Final = ("vi", "en")


class Said(msgspec.Struct, frozen=True):
    """A finding in one language."""

    say: str
    """One sentence, without a full stop."""
    do: str
    """What to do, in sentences; of a finding that all is well, what is going on."""


class Saying(msgspec.Struct, frozen=True):
    """A finding with its words."""

    level: Level
    code: str
    names: tuple[str, ...]
    why: str
    vi: Said
    en: Said


_WORDS: Final[dict[str, tuple[str, str, str, str]]] = {
    "answering": (
        "Đang trả lời bình thường",
        "Phút vừa qua {count} tin được trả lời, 95% trong vòng {seconds}.",
        "Citizens are being answered",
        "In the last minute {count} inquiries got their reply, 95% within {seconds}.",
    ),
    "quiet": (
        "Sẵn sàng trả lời",
        "Phút vừa qua không có ai nhắn tin.",
        "Ready to answer",
        "Nobody has texted in the last minute.",
    ),
    "starting": (
        "Đang khởi động, chưa nhận tin",
        "Cổng còn chờ nhật ký và dữ liệu dân cư. Nếu quá một phút: kiểm tra PostgreSQL của cả hai.",
        "Starting: no messages are taken yet",
        "It waits for the journal and the population. If that takes more than a minute, check both PostgreSQL servers.",
    ),
    "leaving": (
        "Đang dừng, không nhận tin mới",
        "Tổng đài giữ tin cho đến khi cổng chạy lại. Hãy khởi động lại nếu không chủ ý dừng.",
        "Stopping: no new messages are taken",
        "The SMSCs keep messages until the gateway runs again. Start it if this was not intended.",
    ),
    "journal_down": (
        "Không nhận được tin: nhật ký không ghi được",
        "Tổng đài giữ tin và sẽ gửi lại, chưa mất tin nào. Kiểm tra PostgreSQL của nhật ký: còn chạy không, ổ đĩa có đầy không.",
        "No messages are taken: the journal does not write",
        "The SMSCs keep the messages and deliver again; none is lost. Check the journal's PostgreSQL and its disk.",
    ),
    "journal_down_at": (
        "{names} không ghi được nhật ký",
        "Các phiên bản khác vẫn nhận tin. Kiểm tra đường mạng từ máy ấy tới PostgreSQL của nhật ký.",
        "{names} cannot write to the journal",
        "The other instances take messages. Check that machine's network to the journal's PostgreSQL.",
    ),
    "subscribers_down": (
        "Chưa trả lời được: sổ thuê bao không phản hồi",
        "Tin đã nhận đang chờ; quá hạn, công dân được báo hệ thống bận. Kiểm tra máy chủ sổ thuê bao và đường mạng tới đó.",
        "No answers: the subscriber register does not respond",
        "Accepted inquiries wait; past their deadline citizens are told that the system is busy. Check the register and the network to it.",
    ),
    "subscribers_down_at": (
        "{names} không hỏi được sổ thuê bao",
        "Tin mà phiên bản ấy nhận phải chờ. Kiểm tra đường mạng từ máy ấy tới sổ thuê bao.",
        "{names} cannot reach the subscriber register",
        "What that instance accepts has to wait. Check that machine's network to the register.",
    ),
    "population_down": (
        "Chưa trả lời được: dữ liệu dân cư không phản hồi",
        "Tin đã nhận đang chờ; quá hạn, công dân được báo hệ thống bận. Kiểm tra PostgreSQL của dữ liệu dân cư.",
        "No answers: the population store does not respond",
        "Accepted inquiries wait; past their deadline citizens are told that the system is busy. Check the population's PostgreSQL.",
    ),
    "population_down_at": (
        "{names} không đọc được dữ liệu dân cư",
        "Tin mà phiên bản ấy nhận phải chờ. Kiểm tra đường mạng từ máy ấy tới PostgreSQL của dữ liệu dân cư.",
        "{names} cannot reach the population store",
        "What that instance accepts has to wait. Check that machine's network to the population's PostgreSQL.",
    ),
    "every_smsc_down": (
        "Mất kết nối với mọi tổng đài",
        "Không ai nhắn tin được. Cổng tự kết nối lại liên tục; kiểm tra đường mạng tới tổng đài, rồi gọi nhà mạng: {names}.",
        "No SMSC is bound",
        "Nobody can text. The gateway keeps trying; check the network to the SMSCs, then call the operators: {names}.",
    ),
    "smsc_down": (
        "Mất kết nối với tổng đài {names}",
        "Thuê bao của {names} chưa nhắn được và chưa nhận được trả lời; các mạng khác bình thường. Cổng tự kết nối lại; hãy gọi nhà mạng.",
        "The SMSC {names} is not bound",
        "Subscribers of {names} cannot text and get no reply; other operators are served. The gateway keeps trying; call the operator.",
    ),
    "drained": (
        "Không nhận tin mới, theo lệnh người vận hành",
        "Tổng đài giữ tin. Nhận lại bằng lệnh: sms-service control resume, trên {names}.",
        "No new messages are taken: an operator has ordered so",
        "The SMSCs keep them. To take them again: sms-service control resume, at {names}.",
    ),
    "drained_at": (
        "{names} không nhận tin mới, theo lệnh người vận hành",
        "Các phiên bản khác vẫn nhận. Nhận lại bằng lệnh: sms-service control resume.",
        "{names} takes no new messages: an operator has ordered so",
        "The other instances take them. To take them again: sms-service control resume.",
    ),
    "isolated": (
        "Không nhận tin từ {names}, theo lệnh người vận hành",
        "Tổng đài giữ tin; trả lời vẫn gửi đi. Nhận lại bằng lệnh: sms-service control admit.",
        "Messages from {names} are not taken: an operator has ordered so",
        "The SMSC keeps them; replies leave. To take them again: sms-service control admit.",
    ),
    "smsc_stopped": (
        "Theo lệnh, đã ngắt khỏi tổng đài {names}",
        "Thuê bao mạng ấy chưa nhắn được. Nối lại bằng lệnh: sms-service control start.",
        "Unbound from {names}: an operator has ordered so",
        "Its subscribers cannot text. To bind again: sms-service control start.",
    ),
    "smsc_deaf": (
        "Tổng đài {names} không xác nhận trả lời",
        "Liên kết còn, nhưng trả lời gửi đi không được xác nhận; cổng sẽ tự nối lại và gửi lại. Nếu kéo dài, hãy gọi nhà mạng.",
        "The SMSC {names} confirms no replies",
        "It is bound, but does not answer what is sent; the gateway will bind anew and send again. If it lasts, call the operator.",
    ),
    "stuck": (
        "Có công dân chờ trả lời đã {seconds}",
        "{count} tin đã nhận mà chưa trả lời xong. Xem phần nào dưới đây chậm hay bị hạn chế, và nhật ký chạy của cổng.",
        "A citizen has waited {seconds} for a reply",
        "{count} inquiries are accepted and not answered. See below which part is slow or throttled, and the gateway's log.",
    ),
    "waiting": (
        "Trả lời đang chậm: có tin chờ {seconds}",
        "{count} tin đã nhận mà chưa trả lời xong. Xem phần nào dưới đây chậm hay bị hạn chế.",
        "Replies are late: one has waited {seconds}",
        "{count} inquiries are accepted and not answered. See below which part is slow or throttled.",
    ),
    "instance_silent": (
        "Phiên bản {names} im lặng đã {seconds}",
        "Tin của nó được phiên bản khác nhận trả lời thay. Kiểm tra máy ấy và khởi động lại.",
        "Instance {names} has been silent for {seconds}",
        "Others take over its inquiries. Check that machine, and start it again.",
    ),
    "turned_away": (
        "{count} tin bị trả lại tổng đài trong phút qua",
        "Tổng đài sẽ gửi lại, không mất tin. Nếu không do lệnh người vận hành: kiểm tra PostgreSQL của nhật ký.",
        "{count} messages went back to the SMSCs in the last minute",
        "They deliver again; none is lost. Unless an operator has ordered so, check the journal's PostgreSQL.",
    ),
    "expired": (
        "{count} tin chỉ được báo “hệ thống bận” trong phút qua",
        "Sổ thuê bao hoặc dữ liệu dân cư không trả lời kịp hạn. Kiểm tra cả hai.",
        "{count} inquiries were only told “busy” in the last minute",
        "The register or the population did not answer before the deadline. Check both.",
    ),
    "suspended": (
        "{count} tin chỉ được báo “tạm ngừng” trong phút qua",
        "Cú pháp đang tạm ngừng lệnh ấy, hoặc không có phiên bản nào còn hiệu lực. Xem trang Cú pháp.",
        "{count} inquiries were only told “suspended” in the last minute",
        "The syntax suspends that command, or no version of it is in force. See the page Syntax.",
    ),
    "undeliverable": (
        "Tổng đài từ chối {count} trả lời trong phút qua",
        "Những công dân ấy không nhận được gì. Mã lỗi ở cột command_status, bảng ending của nhật ký; hãy hỏi nhà mạng.",
        "The SMSCs refused {count} replies in the last minute",
        "Those citizens got nothing. The statuses stand in command_status of the journal's table ending; ask the operator.",
    ),
    "full": (
        "Đầy tải: tổng đài phải chờ cổng nhận tin",
        "{count} tin đang xử lý, tới giới hạn. Xem phần nào dưới đây chậm; nếu không phần nào chậm, hãy thêm một phiên bản.",
        "Full: the SMSCs have to wait",
        "{count} inquiries are in flight, which is the limit. See below which part is slow; if none is, add an instance.",
    ),
    "slow": (
        "Trả lời chậm: 5% số tin chờ hơn {seconds}",
        "Xem phần nào dưới đây chậm hay bị hạn chế.",
        "Replies are slow: 5% take more than {seconds}",
        "See below which part is slow or throttled.",
    ),
    "throttled": (
        "Tổng đài {names} hạn chế tốc độ gửi trả lời",
        "{count} lần trong phút qua; trả lời được gửi lại, không mất. Hỏi nhà mạng về tốc độ, rồi đặt mt_per_second cho đúng.",
        "The SMSC {names} throttles replies",
        "{count} times in the last minute; they are sent again, none is lost. Ask the operator for the rate, and set mt_per_second to it.",
    ),
    "binds_missing": (
        "Tổng đài {names}: mất {count} liên kết",
        "Các liên kết còn lại vẫn phục vụ; cổng tự kết nối lại.",
        "SMSC {names}: {count} binds are down",
        "The others serve; the gateway keeps trying.",
    ),
    "unreadable": (
        "{count} tin trong nhật ký không mở được",
        "Tệp khóa không phải tệp đã niêm phong chúng. Đặt lại đúng tệp khóa ở mục [keys] rồi khởi động lại.",
        "{count} inquiries in the journal cannot be opened",
        "The key file is not the one that sealed them. Put the right one into [keys] file, and start again.",
    ),
    "redis_down": (
        "Redis không phản hồi",
        "Công dân vẫn được trả lời; hạn mức và tin trùng chỉ tính riêng từng phiên bản. Kiểm tra Redis.",
        "Redis does not respond",
        "Citizens are answered; quotas and duplicates are each instance's own for now. Check Redis.",
    ),
    "redis_down_at": (
        "{names} không liên lạc được với Redis",
        "Công dân vẫn được trả lời; hạn mức của phiên bản ấy tính riêng. Kiểm tra đường mạng từ máy ấy tới Redis.",
        "{names} cannot reach Redis",
        "Citizens are answered; quotas of that instance are its own for now. Check that machine's network to Redis.",
    ),
    "alone": (
        "Chỉ thấy được {names}",
        "Các phiên bản không trao đổi được số liệu qua Redis hay nhật ký; trang này chỉ là của {names}.",
        "Only {names} is seen",
        "The instances cannot exchange figures over Redis or the journal; this page is of {names} alone.",
    ),
}
"""By code: what is the matter and what to do, in Vietnamese, then in English."""


def saying(finding: Finding) -> Saying:
    """A finding with its words."""
    say_vi, do_vi, say_en, do_en = _WORDS[finding.code]
    return Saying(
        level=finding.level,
        code=finding.code,
        names=finding.names,
        why=finding.why,
        vi=Said(_filled(say_vi, finding, "vi"), _filled(do_vi, finding, "vi")),
        en=Said(_filled(say_en, finding, "en"), _filled(do_en, finding, "en")),
    )


def _filled(words: str, finding: Finding, language: str) -> str:
    return words.format(
        names=", ".join(finding.names),
        count=_number(round(finding.count), language),
        seconds=_duration(finding.seconds, language),
    )


def _number(value: int, language: str) -> str:
    return f"{value:,}".replace(",", "." if language == "vi" else ",")


def _duration(seconds: float, language: str) -> str:
    """As people say it: 12 ms, 1,5 giây, 40 giây, 3 phút."""
    if seconds < 1:
        return f"{max(1, round(seconds * 1000))} ms"
    if seconds < 10:
        return f"{seconds:.1f}".replace(".", "," if language == "vi" else ".") + (" giây" if language == "vi" else " s")
    if seconds < 120:
        return f"{seconds:.0f}" + (" giây" if language == "vi" else " s")
    return f"{seconds / 60:.0f}" + (" phút" if language == "vi" else " min")
