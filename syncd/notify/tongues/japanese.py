"""The sentences of alerts and mails in Japanese."""

from __future__ import annotations

from syncd.notify.tongues.tongue import Tongue


def _japanese(n: int) -> int:
    return 0


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
        "mapping": "ルールの変更だけで書き換わるデータが普段より多くあります",
    },
    systems={
        "down": ("{0}は現在利用できません", "データは失われません。復旧後に自動で続行します"),
        "refused": ("{0}がsyncdの接続を拒否しています", "認証情報か権限を直してください"),
        "file": (
            "{0}のファイルを読み取れません",
            "ファイルか接続の設定を直してください",
        ),
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
        "sellers": (
            "会計の担当者に対応するCRMのユーザーがいないため、新しいカードは別の人のものになります",
            "ユーザーを直すか、マッピングのpeople.isに書いてください：syncd problems",
        ),
        "overwritten": (
            "{0}で、会計が管理する項目をほかの何かが繰り返し書き換えています",
            "書き換え元を探し、その項目を外してください：syncd problems",
        ),
        "uncompared": (
            "会計の顧客と比べられないカードがあります：{0}",
            "カードかルールを直してください",
        ),
        "emptied": (
            "{0}にsyncdが書いたデータがありません。書き込みは停止中です",
            "復元してください。戻らない場合：syncd resync --all --recreate",
        ),
        "unmappable": ("{kinds}を読み取れません：{1}", "データかルールを直してください"),
        "unwritable": ("{kinds}を書き込めません：{1}", "ルールを直してください"),
        "vanished": (
            "会計から{kinds}がなくなりました。カードはそのままです",
            "戻れば自動で閉じます。完全になくなった場合：syncd problems resolve",
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
        "merged": (
            "会計で得意先{0}が別の得意先に統合されました。カードはまだ別々です",
            "CRMで2枚のカードを統合するか、回答してください：syncd problems",
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
        "silence": (
            "{0}は応答していますが、普段より長く新しいデータがありません",
            "変更が読み取られるか確認してください。休業日はカレンダーに登録してください",
        ),
        "unexplained": (
            "{0}の残高と伝票の動きが合いません",
            "連携ユーザーの権限を確認してください",
        ),
        "hidden": (
            "{0}の最新データが時刻指定の読み取りに出てきません",
            "絞り込みやキャッシュを確認してください。データは失われません",
        ),
        "stale": ("{0}を最後まで読み取れていません", "直近の実行を確認してください：syncd log"),
        "frozen": ("{0}の応答の時刻が変わりません", "間のキャッシュを直すか避けてください"),
        "clock": ("時計が合っていません：{0}", "両方の機械の時計を確認してください"),
        "schedule": (
            "{0}の実行が2回分始まっていません",
            "サービスを確認してください：systemctl status syncd",
        ),
        "paused": ("{0}は長く停止したままです", "syncd resume {0}"),
        "service": ("サービスが処理できませんでした（{0}）", "直す箇所：syncd problems"),
        "state": (
            "状態ファイルが書き込み済みの内容より古くなっています",
            "syncd planで確認し、syncd applyを実行してください",
        ),
        "disk": (
            "状態ファイルのディスクの空きがほとんどありません",
            "空きを作れば自動で続行します",
        ),
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
