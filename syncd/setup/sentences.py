"""What a card says in other languages than the shipped mapping's: lines by their dotted path.

They are written into the admin's own mapping, where they may be changed. Lines that a mapping does
not have are left out, and so are clauses about what it does not say.
"""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, Mapping[str, str | list[str]]] = {
    "en": {
        "card.fields.line.say": [
            "Owes {receivable}",
            "overdue {overdue} since {overdue_since}",
            "paid ahead {prepaid}",
            "credits {credits}",
            "changed {changed}",
            "proven {proven}",
            "not proven since {unproven}",
        ],
        "card.fields.line.else": "Owes nothing",
        "card.fields.line.correcting": "Being corrected in the books: {correcting}",
        "credit_note.fields.line.say": ["Credit note {number} of {date}", "{total}"],
        "lookups.stage.first": "First order",
        "lookups.stage.repeat": "Repeat",
        "lookups.stage.top": "Top",
        "lookups.stage.dormant": "Dormant",
    },
    "ru": {
        "card.fields.line.say": [
            "Долг {receivable}",
            "просрочено {overdue} с {overdue_since}",
            "аванс {prepaid}",
            "кредит-ноты {credits}",
            "изменилось {changed}",
            "сверено {proven}",
            "не сверено с {unproven}",
        ],
        "card.fields.line.else": "Долга нет",
        "card.fields.line.correcting": "Исправляется в учёте: {correcting}",
        "credit_note.fields.line.say": ["Кредит-нота {number} от {date}", "{total}"],
        "lookups.stage.first": "Первый заказ",
        "lookups.stage.repeat": "Повторный",
        "lookups.stage.top": "Ключевой",
        "lookups.stage.dormant": "Давно не покупал",
    },
    "ja": {
        "card.fields.line.say": [
            "売掛残高 {receivable}",
            "期限超過 {overdue}({overdue_since}から)",
            "前受金 {prepaid}",
            "未充当の返品 {credits}",
            "更新 {changed}",
            "照合済 {proven}",
            "{unproven}から未照合",
        ],
        "card.fields.line.else": "売掛残高なし",
        "card.fields.line.correcting": "会計で訂正中: {correcting}",
        "credit_note.fields.line.say": ["返品伝票 {number}({date})", "{total}"],
        "lookups.stage.first": "初回注文",
        "lookups.stage.repeat": "リピート",
        "lookups.stage.top": "重要顧客",
        "lookups.stage.dormant": "休眠",
    },
}
