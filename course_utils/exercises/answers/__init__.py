"""What students' copies can leave out: worked solutions, each with its reason, and the mistakes that checks know."""

from course_utils.exercises.answers import attention, lstm, rnn, seq2seq, transformer, your_text

LESSONS = rnn, lstm, seq2seq, attention, transformer, your_text
MISTAKES = {name: mistakes for lesson in LESSONS for name, mistakes in lesson.MISTAKES.items()}
SOLUTIONS = {name: getattr(lesson, name) for lesson in LESSONS for name in lesson.MISTAKES}
