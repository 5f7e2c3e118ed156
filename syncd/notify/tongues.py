"""The sentences that alerts and mails are made of, per language: what a cause is, what ends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Forms = tuple[str, ...]
"""One text per plural form of the language; takes {n}."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """`causes` are (what it is, what ends it). `kinds` name records and objects, many of them."""

    form: Callable[[int], int]
    problems: Forms
    waiting: Forms
    owners: Mapping[str, str]
    kinds: Mapping[str, str]
    guards: Mapping[str, str]
    systems: Mapping[str, tuple[str, str]]
    causes: Mapping[str, tuple[str, str]]
    frame: Mapping[str, str]

    def counted(self, forms: Forms, n: int) -> str:
        return forms[min(self.form(n), len(forms) - 1)].format(n=n)


def _english(n: int) -> int:
    return int(n != 1)


def _russian(n: int) -> int:
    """1 and 21 but not 11; 2 to 4, 22 to 24 but not 12 to 14; all others."""
    if n % 10 == 1 and n % 100 != 11:
        return 0
    return 1 if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else 2


def _japanese(n: int) -> int:
    return 0


ENGLISH = Tongue(
    form=_english,
    problems=("{n} problem", "{n} problems"),
    waiting=("{n} record waits", "{n} records wait"),
    owners={"accounting": "accounting", "sales": "sales", "sysadmin": "the administrator"},
    kinds={
        "credit_note": "credit notes",
        "won": "won customers",
    },
    guards={
        "cards": "unusually many cards would get another name or address",
        "documents": "unusually many documents on cards would change",
        "blanks": "unusually many cards and documents would lose a value",
        "money": "more money than usual would move and no document explains it",
        "won": "unusually many won customers would be made in the books",
    },
    systems={
        "down": ("{0} cannot be used now", "Nothing is lost; it goes on by itself"),
        "refused": ("{0} refuses syncd", "Mend the credential or its rights"),
        "odd": (
            "{0} does not answer as its documentation says",
            "Whoever runs it has to look",
        ),
    },
    causes={
        "implausible": (
            "A complete read shows far fewer {kinds} than before and is not believed",
            "Look whether somebody lost rights, or another base is connected",
        ),
        "restored": (
            "The books went back in time ({kinds}); nothing is written",
            "Point the connection at the right books, or waive this problem",
        ),
        "guard": ("Stopped: {guard}", "If that is right: syncd apply {plan}"),
        "differs": (
            "The ledger and the documents differ ({who})",
            "It closes itself when both agree: syncd prove",
        ),
        "emptied": (
            "{0} no longer has what syncd wrote; nothing is written to it",
            "Bring it back; if it is gone for good: syncd resync --all --recreate",
        ),
        "unmappable": ("{kinds} cannot be read: {1}", "Mend the record or the rule"),
        "unwritable": ("{kinds} cannot be written: {1}", "Mend the rule"),
        "vanished": (
            "{kinds} are gone from the books; cards stay as they are",
            "It closes itself when they come back",
        ),
        "refused": ("The system refuses {kinds}{field}", "Mend the record, the rule or the field"),
        "not accepted": (
            "The system says yes and does not keep {1} ({kinds})",
            "Make the field, or open it to the integration user",
        ),
        "clash": (
            "{one} {1} and an object of the CRM have one name and are not linked",
            "Rename one of them, or put the books id onto the card",
        ),
        "fixed": (
            "The CRM cannot change {1} of {kinds} that are written",
            "Cancel them there; until then their cards show the old value",
        ),
        "asked": ("Nobody knows whether {0} was made", "Look there, then: syncd problems resolve"),
        "doubled": ("{0} is there more than once", "Remove the doubles; the first is kept"),
        "gone": (
            "Somebody removed an object ({kinds} {1})",
            "Restore it, or have it made again: syncd resync",
        ),
        "won lacks": (
            "Won customers lack {rest}, and the books need it",
            "They go by themselves when the card is filled in",
        ),
        "won match": (
            "Card {1} was won and fits a customer of the books, or another card",
            "Merge the doubles, or correct the tax id or e-mail",
        ),
        "won proposed": ("Won customers wait for consent", "syncd links accept CARD"),
        "won earlier": (
            "Customers won before this pair began wait for a yes",
            "syncd links accept CARD",
        ),
        "alerts": ("Messages to {0} do not get through", "They are tried again by themselves"),
    },
    frame={
        "subject": "syncd: {problems} for {owner}",
        "head": "{problems} for {owner}, {new} new since the last mail.",
        "money": "Invoices over {money} wait.",
        "since": "#{id} since {day}: ",
        "since_new": "#{id} NEW since {day}: ",
        "waits": " ({waiting}: {keys})",
        "stop": ". ",
        "more": "... and {n} more.",
        "next": "All of it: {command}",
        "field": " because of the field {0}",
        "still": "Still open after {time}: ",
        "solved": "Solved: {what}, open {time}",
        "waived": "Given up by a person: {what}, open {time}",
        "subject_new": "syncd: {problems}, new",
        "subject_old": "syncd: {problems}, still open",
        "subject_solved": "syncd: {problems}, solved",
        "alive": "syncd: nothing to do",
        "alive_head": "Nothing to do for {owner}.",
        "fresh": "{pair}: alive, cards fresh as of {moment}.",
        "proven": " Proven {day}: {agreed} of {cards} cards agree.",
        "unproven": " Not proven yet.",
        "test": "syncd: test message",
        "test_body": "This is how messages for {owner} arrive. Nothing has to be done.",
    },
)

RUSSIAN = Tongue(
    form=_russian,
    problems=("{n} проблема", "{n} проблемы", "{n} проблем"),
    waiting=("ждёт {n} запись", "ждут {n} записи", "ждут {n} записей"),
    owners={
        "accounting": "бухгалтерии",
        "sales": "отдела продаж",
        "sysadmin": "администратора",
    },
    kinds={
        "customer": "клиенты",
        "customers": "клиенты",
        "order": "заказы",
        "invoice": "реализации",
        "payment": "оплаты",
        "credit_note": "возвраты",
        "adjustment": "корректировки долга",
        "balance": "остатки",
        "deal": "сделки",
        "card": "карточки",
        "won": "новые клиенты",
        "account": "карточки клиентов",
        "contact": "контакты",
        "contacts": "контакты",
        "note": "заметки",
    },
    guards={
        "cards": "необычно много карточек получили бы другое название или адрес",
        "documents": "необычно много документов на карточках изменились бы",
        "blanks": "необычно много карточек и документов потеряли бы значение",
        "money": "суммы изменились бы больше обычного, и документов к этому нет",
        "won": "необычно много новых клиентов появилось бы в учёте",
    },
    systems={
        "down": ("{0} сейчас недоступен", "Ничего не потеряно, продолжится само"),
        "refused": ("{0} не принимает доступ syncd", "Исправьте пароль или права"),
        "odd": (
            "{0} отвечает не так, как сказано в его документации",
            "Посмотреть должен тот, кто его ведёт",
        ),
    },
    causes={
        "implausible": (
            "Полное чтение показало намного меньше прежнего ({kinds}), ему не верим",
            "Проверьте права и та ли база подключена",
        ),
        "restored": (
            "Учёт вернулся в прошлое ({kinds}), ничего не записывается",
            "Подключите нужную базу или снимите эту проблему",
        ),
        "guard": ("Остановлено: {guard}", "Если это верно: syncd apply {plan}"),
        "differs": (
            "Регистр расчётов и документы расходятся ({who})",
            "Закроется само, когда сойдутся: syncd prove",
        ),
        "emptied": (
            "В {0} нет того, что записал syncd; туда ничего не пишется",
            "Верните данные; если они удалены навсегда: syncd resync --all --recreate",
        ),
        "unmappable": ("Не читаются {kinds}: {1}", "Исправьте запись или правило"),
        "unwritable": ("Не записываются {kinds}: {1}", "Исправьте правило"),
        "vanished": (
            "В учёте больше нет записей ({kinds}), карточки не тронуты",
            "Закроется само, если они вернутся",
        ),
        "refused": (
            "Система не принимает {kinds}{field}",
            "Исправьте запись, правило или поле",
        ),
        "not accepted": (
            "Система отвечает «да», но не сохраняет {1} ({kinds})",
            "Создайте поле или откройте его пользователю интеграции",
        ),
        "clash": (
            "Запись {1} ({kinds}) и объект в CRM названы одинаково и не связаны",
            "Переименуйте один из них или впишите код учёта в карточку",
        ),
        "fixed": (
            "CRM не может изменить {1} у записанного ({kinds})",
            "Отмените их в CRM; до этого на карточках старое значение",
        ),
        "asked": (
            "Неизвестно, создана ли запись {0}",
            "Посмотрите в системе, затем: syncd problems resolve",
        ),
        "doubled": ("Запись {0} есть больше одного раза", "Удалите лишние, первая остаётся"),
        "gone": (
            "Кто-то удалил объект ({kinds} {1})",
            "Восстановите его или создайте заново: syncd resync",
        ),
        "won lacks": (
            "У новых клиентов не заполнено: {rest}, без этого учёт их не примет",
            "Уйдут сами, когда карточка будет заполнена",
        ),
        "won match": (
            "Карточка {1} выиграна и похожа на клиента в учёте или на другую карточку",
            "Объедините двойников или исправьте ИНН либо e-mail",
        ),
        "won proposed": ("Новые клиенты ждут согласия", "syncd links accept CARD"),
        "won earlier": (
            "Клиенты, выигранные до начала работы, ждут согласия",
            "syncd links accept CARD",
        ),
        "alerts": ("Сообщения для {0} не доходят", "Попытки повторятся сами"),
    },
    frame={
        "subject": "syncd: {problems} для {owner}",
        "head": "{problems} для {owner}, новых с прошлого письма: {new}.",
        "money": "Ждут реализации на {money}.",
        "since": "#{id} с {day}: ",
        "since_new": "#{id} НОВОЕ с {day}: ",
        "waits": " ({waiting}: {keys})",
        "stop": ". ",
        "more": "... и ещё {n}.",
        "next": "Всё целиком: {command}",
        "field": " из-за поля {0}",
        "still": "Открыто уже {time}: ",
        "solved": "Решено: {what}, было открыто {time}",
        "waived": "Снято человеком: {what}, было открыто {time}",
        "subject_new": "syncd: {problems}, новое",
        "subject_old": "syncd: {problems}, всё ещё открыто",
        "subject_solved": "syncd: {problems}, решено",
        "alive": "syncd: делать ничего не нужно",
        "alive_head": "Для {owner} дел нет.",
        "fresh": "{pair}: работает, карточки свежие на {moment}.",
        "proven": " Сверено {day}: сошлось карточек {agreed} из {cards}.",
        "unproven": " Ещё не сверено.",
        "test": "syncd: проверка связи",
        "test_body": "Так приходят сообщения для {owner}. Делать ничего не нужно.",
    },
)

JAPANESE = Tongue(
    form=_japanese,
    problems=("問題{n}件",),
    waiting=("{n}件が待機中",),
    owners={"accounting": "経理", "sales": "営業", "sysadmin": "システム管理者"},
    kinds={
        "customer": "得意先",
        "customers": "得意先",
        "order": "受注",
        "invoice": "請求書",
        "payment": "入金",
        "credit_note": "返品伝票",
        "adjustment": "調整伝票",
        "balance": "残高",
        "deal": "商談",
        "card": "顧客カード",
        "won": "新規得意先",
        "account": "顧客カード",
        "contact": "連絡先",
        "contacts": "連絡先",
        "note": "メモ",
    },
    guards={
        "cards": "名称や住所の変わるカードが普段より多くあります",
        "documents": "変更される伝票が普段より多くあります",
        "blanks": "値が消えるカードや伝票が普段より多くあります",
        "money": "伝票の裏付けがない金額の変動が普段より大きくなっています",
        "won": "会計に登録される新規得意先が普段より多くあります",
    },
    systems={
        "down": ("{0}は現在利用できません", "データは失われません。復旧後に自動で続行します"),
        "refused": ("{0}がsyncdの接続を拒否しています", "認証情報か権限を直してください"),
        "odd": (
            "{0}の応答が仕様と異なります",
            "システムの担当者が確認してください",
        ),
    },
    causes={
        "implausible": (
            "全件読み取りの結果が以前より大幅に少なく（{kinds}）、採用していません",
            "権限と接続先を確認してください",
        ),
        "restored": (
            "会計のデータが過去に戻っています（{kinds}）。書き込みは停止中です",
            "正しい会計に接続するか、この問題を取り下げてください",
        ),
        "guard": ("停止しました：{guard}", "正しければ：syncd apply {plan}"),
        "differs": (
            "元帳と伝票が一致しません（{who}）",
            "一致すると自動で閉じます：syncd prove",
        ),
        "emptied": (
            "{0}にsyncdが書いたデータがありません。書き込みは停止中です",
            "復元してください。戻らない場合：syncd resync --all --recreate",
        ),
        "unmappable": ("{kinds}を読み取れません：{1}", "データかルールを直してください"),
        "unwritable": ("{kinds}を書き込めません：{1}", "ルールを直してください"),
        "vanished": (
            "会計から{kinds}がなくなりました。カードはそのままです",
            "戻れば自動で閉じます",
        ),
        "refused": (
            "システムが{kinds}を受け付けません{field}",
            "データ、ルール、または項目を直してください",
        ),
        "not accepted": (
            "システムが{1}を保存しません（{kinds}）",
            "項目を作成するか、連携ユーザーに権限を与えてください",
        ),
        "clash": (
            "{kinds} {1}とCRMのデータが同じ名称ですが、紐付いていません",
            "どちらかの名称を変えるか、カードに会計コードを入れてください",
        ),
        "fixed": (
            "CRMは書き込み済みの{kinds}の{1}を変更できません",
            "CRM側で取り消してください。それまでは古い値が表示されます",
        ),
        "asked": (
            "{0}が作成されたかどうか不明です",
            "システムを確認し、次を実行してください：syncd problems resolve",
        ),
        "doubled": ("{0}が重複しています", "余分なものを削除してください。最初の1件を使います"),
        "gone": (
            "データが削除されました（{kinds} {1}）",
            "復元するか、作り直してください：syncd resync",
        ),
        "won lacks": (
            "新規得意先に必要な項目がありません：{rest}",
            "カードに入力されると自動で登録されます",
        ),
        "won match": (
            "カード{1}は受注済みですが、会計の得意先か別のカードと重なります",
            "重複を統合するか、法人番号やメールを直してください",
        ),
        "won proposed": ("新規得意先が承認を待っています", "syncd links accept CARD"),
        "won earlier": (
            "運用開始前に受注した得意先が承認を待っています",
            "syncd links accept CARD",
        ),
        "alerts": ("{0}への通知が届いていません", "自動で再送します"),
    },
    frame={
        "subject": "syncd：{owner}の{problems}",
        "head": "{owner}の{problems}（前回のメール以降の新規：{new}件）。",
        "money": "待機中の請求書：{money}。",
        "since": "#{id} {day}から：",
        "since_new": "#{id}【新規】{day}から：",
        "waits": "（{waiting}：{keys}）",
        "stop": "。",
        "more": "ほか{n}件。",
        "next": "一覧：{command}",
        "field": "（項目：{0}）",
        "still": "{time}経過しても未解決：",
        "solved": "解決：{what}（{time}）",
        "waived": "担当者が取り下げ：{what}（{time}）",
        "subject_new": "syncd：新しい{problems}",
        "subject_old": "syncd：未解決の{problems}",
        "subject_solved": "syncd：{problems}が解決",
        "alive": "syncd：対応は不要です",
        "alive_head": "{owner}で対応が必要なものはありません。",
        "fresh": "{pair}：稼働中、カードは{moment}時点の情報です。",
        "proven": "{day}照合済み、{cards}件中{agreed}件が一致。",
        "unproven": "まだ照合していません。",
        "test": "syncd：テスト通知",
        "test_body": "{owner}への通知はこのように届きます。対応は不要です。",
    },
)

TONGUES: Mapping[str, Tongue] = {"en": ENGLISH, "ru": RUSSIAN, "ja": JAPANESE}
"""By language, the same as `syncd.mapping.languages.LANGUAGES`."""

UNITS: Mapping[str, tuple[str, str, str]] = {
    "en": ("{n} min", "{n} h", "{n} d"),
    "ru": ("{n} мин", "{n} ч", "{n} дн."),
    "ja": ("{n}分", "{n}時間", "{n}日"),
}
"""Minutes, hours and days, as they are written after a number."""
