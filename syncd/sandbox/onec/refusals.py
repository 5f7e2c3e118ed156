"""How 1C says no. Codes: developer's guide 8.3.27, chapter 17.4; texts as live servers gave."""

from __future__ import annotations

BUSINESS = -1
VALUE = 1
BODY = 2
BAD_VALUE = 4
MISSING_VALUE = 5
SEGMENT = 6
KEY_PART = 7
NO_TYPE = 8
NOT_FOUND = 9
NO_PROPERTY = 10
OPTION = 14
EXISTS = 15
NOT_ALLOWED = 19
NO_ACCESS = 20

LOCKED = (
    "Конфликт блокировок при выполнении транзакции: Microsoft SQL Server Native Client 11.0: "
    "Lock request time out period exceeded. Превышено максимальное время ожидания "
    "предоставления блокировки"
)


class Refusal(Exception):
    def __init__(self, status: int, code: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text


def no_set(name: str) -> Refusal:
    return Refusal(404, NO_TYPE, f"Тип сущности {name} не найден!")


def no_object(name: str, key: str) -> Refusal:
    return Refusal(404, NOT_FOUND, f"Экземпляр сущности {name}(guid'{key}') не найден!")


def no_segment(name: str) -> Refusal:
    return Refusal(400, SEGMENT, f"Сегмент пути {name} не найден!")


def unparsed(text: object, kind: str) -> Refusal:
    return Refusal(400, VALUE, f"Не удалось разобрать строку '{text}' как значение типа {kind}!")


def bad_option(name: str, why: str) -> Refusal:
    return Refusal(400, OPTION, f"Ошибка при разборе опции запроса {name}: {why}")


def handler(which: str, why: str) -> Refusal:
    return Refusal(
        500, BUSINESS, f"Ошибка при выполнении обработчика - '{which}'\nпо причине:\n{why}"
    )
