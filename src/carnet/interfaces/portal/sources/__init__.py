"""What a page needs to know, asked of the domain's doors and put into the presenters' facts. Reads only.

Each function takes who is signed in and the time; every read goes through the gate, which leaves its trace.
"""
